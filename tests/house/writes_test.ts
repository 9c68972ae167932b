/**
 * What the engine and the commands write is flushed where its disk may refuse it late: a network file system that is full takes
 * a file, and loses it. So files are written by `writeWhole`, `appendPlain`, `copyWhole` and `replaceFile`; every other place
 * is listed here.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { productFiles, PROJECT } from "./project_files.ts";

const WRITES = /\b(?:write(?:Text)?File|appendFile|copyFile|cp|createWriteStream)(?:Sync)?\(/g;

/** How many places of a file write, and why none of that is lost without a word. */
const KNOWN: Readonly<Record<string, readonly [places: number, why: string]>> = {
  "lib/flow/commands/new_texts.ts": [
    1,
    "the text of a kind, whose outputs are flushed when they are published",
  ],
  "lib/flow/download/extract_archive.ts": [1, "outputs, which are flushed when they are published"],
  "lib/flow/download/network.ts": [1, "certificates, which are flushed by whoever names the file"],
  "lib/flow/failure.ts": [1, "the stack of an error, for people"],
  "lib/flow/job/kind_process.ts": [1, "events, which are flushed when the process ends"],
  "lib/flow/remote/folder_server.ts": [1, "an entry, which is flushed before it has its name"],
  "lib/flow/run/early_end.ts": [1, "outputs, which are flushed when they are published"],
  "lib/flow/run/execute.ts": [1, "an empty file, to which events are appended"],
  "lib/flow/run/input_words.ts": [1, "a log, which is flushed when it is put into the store"],
  "lib/flow/run/lend.ts": [2, "empty files, over which others are mounted"],
  "lib/flow/slurm/passed_events.ts": [1, "events, which are flushed when the process has ended"],
  "lib/flow/store/blobs.ts": [1, "a blob, which is flushed before it has its name"],
  "lib/flow/store/file_clock.ts": [1, "an empty file, of which the time counts"],
  "lib/flow/store/materialise.ts": [1, "empty files, over which others are mounted"],
  "lib/flow/store/plain_file.ts": [3, "these functions flush"],
  "lib/flow/store/records.ts": [1, "a record, which is flushed before it has its name"],
  "lib/flow/store/replace_file.ts": [2, "this function flushes"],
  "lib/flow/store/settle.ts": [1, "an empty file, of which the time counts"],
  "lib/flow/store/trees.ts": [1, "a tree, which is flushed before it has its name"],
};

function placesThatWrite(text: string): number {
  return text.replaceAll(/\/\*[^]*?\*\/|\/\/.*$/gm, "").match(WRITES)?.length ?? 0;
}

Deno.test("files are written by functions that flush, and elsewhere only where nothing is lost without a word", () => {
  const found = productFiles().map(({ path }) => path).filter((path) => /^lib\/(?:flow|verbs)\//.test(path))
    .map((path): [string, number] => [path, placesThatWrite(Deno.readTextFileSync(join(PROJECT, path)))])
    .filter(([, places]) => places > 0);
  const known = Object.entries(KNOWN).map(([path, [places]]) => [path, places]);
  assert.deepEqual(Object.fromEntries(found), Object.fromEntries(known));
});

Deno.test("places that write are found, comments apart", () => {
  assert.equal(placesThatWrite('Deno.writeTextFileSync(path, "text");\nawait writeFile(path, bytes);'), 2);
  assert.equal(placesThatWrite("Deno.copyFileSync(from, to); cpSync(from, to); // writeFile(path)"), 2);
  assert.equal(placesThatWrite("writeWhole(path, text);\nreplaceFile(path, text);"), 0);
});
