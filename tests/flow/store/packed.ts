/** What the packs of a store have, and damage to them. */
import { Store } from "../../../lib/flow/store/store.ts";
import type { PackedPlace } from "../../../lib/flow/store/pack_format.ts";

/** An entry with the path of its pack. */
export interface PackedEntry extends PackedPlace {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** All entries of all packs. */
export function packedEntries(folder: string): PackedEntry[] {
  const store = Store.open(folder);
  const entries = store.packs.all().flatMap((pack) =>
    [...pack.places()].map((place) => ({
      ...place,
      path: pack.path,
      bytes: pack.bytes(place.at, place.size),
    }))
  );
  store.close();
  return entries;
}

/** Changes bits of one byte of a file, and puts the modification time back. */
export function flip(path: string, at: number, bits = 1): void {
  const { mtime } = Deno.statSync(path);
  Deno.chmodSync(path, 0o644);
  using file = Deno.openSync(path, { read: true, write: true });
  const byte = new Uint8Array(1);
  file.seekSync(at, Deno.SeekMode.Start);
  file.readSync(byte);
  byte[0] ^= bits;
  file.seekSync(at, Deno.SeekMode.Start);
  file.writeSync(byte);
  Deno.utimeSync(path, mtime!, mtime!);
}

/** The paths of the packs of a store. */
export function packFiles(folder: string): string[] {
  try {
    return [...Deno.readDirSync(`${folder}/packs`)].map(({ name }) => `${folder}/packs/${name}`).sort();
  } catch {
    return [];
  }
}
