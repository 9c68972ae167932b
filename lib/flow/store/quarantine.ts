/** Quarantine: the place for entries whose bytes do not match their name, where tasks can't reach them but people can. */
import { onDisk } from "./io.ts";
import { inFolderOf, LAYOUT } from "./layout.ts";
import type { Damage } from "./types.ts";
import { isMissing } from "../../system/is_there.ts";

export class Quarantine {
  constructor(readonly folder: string) {}

  /** Moves `name` (relative to the store) aside; nothing happens where another process already did. */
  set(name: string, damage: Damage): Damage {
    moveAside(this.folder, name, `${damage.what}-${damage.digest}`);
    return damage;
  }
}

/** Moves what is at `name` (relative to the store in `folder`) to the quarantine, where `label` tells what it was. */
export function moveAside(folder: string, name: string, label: string): void {
  const from = `${folder}/${name}`;
  const stamp = new Date().toISOString().replaceAll(/[-:]/g, "").slice(0, 15);
  const to = `${folder}/${LAYOUT.quarantine}/${stamp}-${crypto.randomUUID().slice(0, 8)}-${label}`;
  onDisk(`quarantine ${from}`, () => {
    try {
      inFolderOf(to, () => {
        if (Deno.lstatSync(from)) Deno.renameSync(from, to);
      });
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  });
}
