/** The version of a store: what a program has to know that works with it. */
import { storeError } from "./io.ts";
import { LAYOUT } from "./layout.ts";
import { readPlainText } from "./plain_file.ts";
import { replaceFile } from "./replace_file.ts";
import { isMissing } from "../../system/is_there.ts";

/** From this version on there may be deflated records, which an older protoflow takes for damaged and sets aside. */
export const DEFLATED_RECORDS = 2;
/** From this version on there may be packs, whose results an older protoflow would not see. */
export const PACKS = 3;
/** Raised when an older protoflow could no longer read the store, or would do harm to it. New stores have it. */
export const STORE_VERSION = PACKS;

const VERSION_TEXT = /^protoflow store (\d{1,9})\n$/;

/** The text of the version's file; undefined where it is missing, or empty: emptied by a power cut, or not yet to be seen. */
export function readVersion(folder: string): string | undefined {
  const file = `${folder}/${LAYOUT.version}`;
  try {
    return readPlainText(file) || undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw storeError(`read ${file}`, error);
  }
}

/** The version that the text of its file states; undefined where it states none. */
export function versionIn(text: string): number | undefined {
  const digits = VERSION_TEXT.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

export function writeVersion(folder: string, version: number): void {
  replaceFile(`${folder}/${LAYOUT.version}`, `protoflow store ${version}\n`);
}

/** Raises the version of a store that an older protoflow made, once something is written that it would misread. */
export class StoreVersion {
  #atLeast = 0;

  constructor(readonly folder: string) {}

  /** Makes sure, before something of version `least` is written, that the store has that version. */
  require(least: number): void {
    if (this.#atLeast >= least) return;
    const version = versionIn(readVersion(this.folder) ?? "") ?? 0;
    if (version < least) writeVersion(this.folder, least);
    this.#atLeast = least;
  }
}
