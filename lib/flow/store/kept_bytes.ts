/** Gives out the bytes of kept files, wherever they are. They are right only after `Store.checkOutputs`, or are in a pack. */
import type { Packs } from "./packs.ts";
import { copyWhole, openPlain, readPlain, writeWhole } from "./plain_file.ts";
import type { FileDigest } from "./types.ts";

const CHUNK_BYTES = 64 << 10;

/** Each method throws Deno.errors.NotFound where the file is missing. */
export class KeptBytes {
  /** @param pathOf where a file is that is in no pack */
  constructor(readonly packs: Packs, readonly pathOf: (digest: FileDigest) => string) {}

  /** All of a file. */
  of(digest: FileDigest): Uint8Array<ArrayBuffer> {
    return this.packs.blob(digest) ?? readPlain(this.pathOf(digest));
  }

  /** A file of text. */
  text(digest: FileDigest): string {
    return new TextDecoder().decode(this.of(digest));
  }

  /** A file that may be longer than the memory, a piece after the other. */
  *chunks(digest: FileDigest): Generator<Uint8Array> {
    const packed = this.packs.blob(digest);
    if (packed !== undefined) return yield packed;
    using file = openPlain(this.pathOf(digest));
    const chunk = new Uint8Array(CHUNK_BYTES);
    for (let read = file.readSync(chunk); read !== null; read = file.readSync(chunk)) {
      yield chunk.subarray(0, read);
    }
  }

  /** Copies a file to `path`, at which nothing is. */
  copy(digest: FileDigest, path: string): void {
    const packed = this.packs.blob(digest);
    if (packed === undefined) copyWhole(this.pathOf(digest), path);
    else writeWhole(path, packed);
  }

  /** The path at which the bytes are, and from where on if it is a pack. */
  placeOf(digest: FileDigest): { readonly path: string; readonly at?: number } {
    const [packed] = this.packs.find("blob", digest);
    return packed ? { path: packed.pack.path, at: packed.place.at } : { path: this.pathOf(digest) };
  }
}
