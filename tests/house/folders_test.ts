/**
 * Folders are listed, and files looked for, in ways that tell an error of the disk from what is not there: Deno's and Node's
 * lists end where the disk fails, and `existsSync` is false for a file that can't be looked at.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { productFiles, PROJECT } from "./project_files.ts";

const LISTS = /\b(?:read[dD]ir|opendir)(?:Sync)?\b|\bglobSync\b/;
const LOOKS = /\bexistsSync\b/;

/** The fallback where the system calls are not known. */
const ALLOWED: readonly string[] = ["lib/system/read_folder.ts"];

Deno.test("folders are listed by readFolder alone, and files looked for by isThere", () => {
  const others = productFiles().map(({ path }) => path).filter((path) => {
    const text = Deno.readTextFileSync(join(PROJECT, path)).replaceAll(/\/\*[^]*?\*\/|\/\/.*$/gm, "");
    return LISTS.test(text) || LOOKS.test(text);
  });
  assert.deepEqual(others.sort(), ALLOWED);
});
