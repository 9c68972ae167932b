/** What makes a folder a store, and which version of it. */
import { isMissing, storeError } from "./io.ts";
import { entriesOf, LAYOUT } from "./layout.ts";
import { StoreError } from "./types.ts";

/** Raised when an older protoflow could no longer read the store, or would do harm to it. */
const STORE_VERSION = 1;
const VERSION_TEXT = /^protoflow store (\d{1,9})\n$/;

/** Checks the version of the store in `folder`; makes a store where the folder is missing or empty. */
export function openFolder(folder: string): void {
  const file = `${folder}/${LAYOUT.version}`;
  let text = readVersion(file);
  if (text === undefined) {
    create(folder, file);
    text = readVersion(file) ?? "";
  }
  const version = VERSION_TEXT.exec(text)?.[1];
  if (version === undefined) {
    throw new StoreError(
      "store-not-a-store",
      `${file} says ${JSON.stringify(text.slice(0, 40))}, expected "protoflow store ${STORE_VERSION}": ` +
        `give the folder of a store, or an empty one`,
    );
  }
  if (Number(version) > STORE_VERSION) {
    throw new StoreError(
      "store-newer",
      `the store ${folder} has version ${version}, this protoflow knows versions up to ${STORE_VERSION}: ` +
        `use the newer protoflow that made it, or another folder (--store)`,
    );
  }
}

function create(folder: string, file: string): void {
  try {
    Deno.mkdirSync(folder, { recursive: true });
    const strange = entriesOf(folder).find((name) => name !== "README.md" && !name.startsWith("."));
    // A second look: another process may just have made the store.
    if (strange !== undefined && readVersion(file) === undefined) {
      throw new StoreError(
        "store-not-a-store",
        `${folder} is no store and not empty (it has ${
          JSON.stringify(strange)
        }): give an empty or a new folder`,
      );
    }
    const temporary = `${folder}/.version-${crypto.randomUUID()}`;
    Deno.writeTextFileSync(temporary, `protoflow store ${STORE_VERSION}\n`);
    Deno.renameSync(temporary, file);
  } catch (error) {
    throw storeError(`make a store in ${folder}`, error);
  }
}

function readVersion(file: string): string | undefined {
  try {
    return Deno.readTextFileSync(file);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw storeError(`read ${file}`, error);
  }
}
