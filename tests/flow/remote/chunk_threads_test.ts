/** Threads write chunks that are right, at their places, and no others. */

import assert from "node:assert/strict";
import { ChunkThreads } from "../../../lib/flow/remote/chunk_threads.ts";
import { storeError } from "../../../lib/flow/store/io.ts";
import { sha256Hex } from "../../../lib/flow/store/digest.ts";
import { inTemporaryFolder } from "../store/scratch.ts";

const CHUNK = 1000;
const chunk = (i: number) => new Uint8Array(CHUNK).fill(i + 1);

const MANY = 100;

for (const count of [6, MANY]) {
  Deno.test(`of ${count} chunks each comes to its place; one with other bytes leaves its place as it was`, () =>
    inTemporaryFolder((folder) => placeChunks(folder, count)));
}

async function placeChunks(folder: string, count: number): Promise<void> {
  const path = `${folder}/file`;
  Deno.writeFileSync(path, new Uint8Array());
  const numbers = [4, 0, 3, 1, 5, 2];
  using threads = new ChunkThreads(count);
  const written = await Promise.all(numbers.map((i) => {
    const hash = sha256Hex(i === 3 ? chunk(99) : chunk(i));
    return threads.write({ path, from: i * CHUNK, hash, bytes: chunk(i) });
  }));
  assert.deepEqual(written.map(({ isRight }) => isRight), numbers.map((i) => i !== 3));
  // The memory comes back with the bytes that it went with.
  written.forEach(({ bytes }, at) => assert.deepEqual(bytes, chunk(numbers[at])));
  const file = Deno.readFileSync(path);
  for (const i of numbers) {
    assert.deepEqual(file.subarray(i * CHUNK, (i + 1) * CHUNK), i === 3 ? new Uint8Array(CHUNK) : chunk(i));
  }
}

Deno.test("what the disk refuses is told in its words, and the next chunk is written", () =>
  inTemporaryFolder(async (folder) => {
    const path = `${folder}/file`;
    Deno.writeFileSync(path, new Uint8Array());
    using threads = new ChunkThreads(MANY);
    const request = { from: 0, hash: sha256Hex(chunk(0)) };
    await assert.rejects(
      threads.write({ ...request, path: `${folder}/missing/file`, bytes: chunk(0) }),
      (error) => {
        assert.match((storeError("keep a file", error) as Error).message, /no such file or folder/);
        return true;
      },
    );
    assert.ok((await threads.write({ ...request, path, bytes: chunk(0) })).isRight);
  }));

Deno.test("a chunk whose file is given up is an error", async () => {
  const threads = new ChunkThreads(MANY);
  const writing = threads.write({ path: "/dev/null", from: 0, hash: "", bytes: chunk(0) });
  threads[Symbol.dispose]();
  await assert.rejects(writing, /given up/);
});
