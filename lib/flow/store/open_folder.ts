/** Checks that a folder is a store, and its version. */
import { storeError } from "./io.ts";
import { entriesOf, LAYOUT, makeFolder } from "./layout.ts";
import { seenLate } from "./late_view.ts";
import { TEMPORARY } from "./replace_file.ts";
import { readVersion, STORE_VERSION, versionIn, writeVersion } from "./store_version.ts";
import { StoreError } from "./types.ts";

/** In a store; some are those of its users rather than its own. */
const STORE_NAMES = new Set(Object.values(LAYOUT).map((path) => path.split("/")[0]));

/**
 * Checks the version of the store in `folder`; creates a store if the folder is missing or empty. A lost version file
 * is written again: the store's content is checked whenever it is used.
 */
export function openFolder(folder: string): void {
  let text = readVersion(folder);
  if (text === undefined) {
    create(folder);
    // On a network file system a file that is new can be seen without what is in it.
    text = seenLate(() => readVersion(folder)) ?? "";
  }
  const version = versionIn(text);
  if (version === undefined) {
    throw new StoreError(
      "store-not-a-store",
      `${folder}/${LAYOUT.version} says ${
        JSON.stringify(text.slice(0, 40))
      }, expected "protoflow store ${STORE_VERSION}": ` +
        `give the folder of a store, or an empty one`,
    );
  }
  if (version > STORE_VERSION) {
    throw new StoreError(
      "store-newer",
      `the store ${folder} has version ${version}, this protoflow knows versions up to ${STORE_VERSION}: ` +
        `use the newer protoflow that made it, or another folder (--store)`,
    );
  }
}

function create(folder: string): void {
  try {
    makeFolder(folder);
    const all = entriesOf(folder);
    // Another machine has just made the store.
    if (all.includes(LAYOUT.version) && seenLate(() => readVersion(folder)) !== undefined) return;
    const names = all.filter((name) =>
      name !== "README.md" && name !== LAYOUT.version && !name.startsWith(".") && !isNewVersion(name)
    );
    const strange = hasStore(names) ? undefined : names[0];
    // A second look: another process may just have made the store.
    if (strange !== undefined && readVersion(folder) === undefined) {
      throw new StoreError(
        "store-not-a-store",
        `${folder} is no store and not empty (it has ${
          JSON.stringify(strange)
        }): give an empty or a new folder`,
      );
    }
    writeVersion(folder, STORE_VERSION);
  } catch (error) {
    throw storeError(`make a store in ${folder}`, error);
  }
}

/** Is it the version file of a store that another process makes at this moment, or was killed while it made it? */
function isNewVersion(name: string): boolean {
  return name.startsWith(`${LAYOUT.version}.`) && name.endsWith(TEMPORARY);
}

/** Are these the names of a store without its version file? It has results, and nothing that no store has. */
function hasStore(names: readonly string[]): boolean {
  return names.includes(LAYOUT.records) && names.every((name) => STORE_NAMES.has(name));
}
