/** Digests: by whole file, by chunks, of trees. */
import assert from "node:assert";
import fc from "fast-check";
import { canonicalJson } from "../../../lib/flow/store/canonical_json.ts";
import {
  artifactOf,
  CHUNK_BYTES,
  digestBytes,
  digestFiles,
  sha256Hex,
} from "../../../lib/flow/store/digest.ts";
import type { FileDigest } from "../../../lib/flow/store/types.ts";
import { inTemporaryFolder } from "./scratch.ts";

Deno.test("a short file has the digest that sha256sum prints", async () => {
  await inTemporaryFolder(async (folder) => {
    Deno.writeTextFileSync(`${folder}/abc`, "abc");
    Deno.writeTextFileSync(`${folder}/empty`, "");
    assert.deepStrictEqual(
      await digestFiles([{ path: `${folder}/abc`, size: 3 }, { path: `${folder}/empty`, size: 0 }]),
      [
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      ],
    );
  });
});

Deno.test("a long file is known by its chunks, and the text of their list is another file", async () => {
  await inTemporaryFolder(async (folder) => {
    const bytes = new Uint8Array(2 * CHUNK_BYTES + 5).map((_, i) => i % 251);
    const chunks = [0, 1, 2].map((i) => sha256Hex(bytes.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES)));
    const list = canonicalJson(chunks);
    Deno.writeFileSync(`${folder}/long`, bytes);
    Deno.writeTextFileSync(`${folder}/list`, list);
    const [long, short] = await digestFiles([
      { path: `${folder}/long`, size: bytes.length },
      { path: `${folder}/list`, size: list.length },
    ]);
    assert.strictEqual(long, `${sha256Hex(list)}.chunks`);
    assert.notStrictEqual(long, short);
    assert.strictEqual(digestBytes(bytes), long);
  });
});

Deno.test("a file of just one chunk is hashed as a whole", async () => {
  await inTemporaryFolder(async (folder) => {
    const bytes = new Uint8Array(CHUNK_BYTES).fill(1);
    Deno.writeFileSync(`${folder}/f`, bytes);
    assert.deepStrictEqual(await digestFiles([{ path: `${folder}/f`, size: bytes.length }]), [
      sha256Hex(bytes),
    ]);
  });
});

Deno.test("threads give the digests that one thread gives", async () => {
  await inTemporaryFolder(async (folder) => {
    const files = [5, 3 * CHUNK_BYTES, 0, CHUNK_BYTES + 1, 17, 2 * CHUNK_BYTES].map((size, i) => {
      const path = `${folder}/${i}`;
      Deno.writeFileSync(path, new Uint8Array(size).fill(i + 1));
      return { path, size };
    });
    const together = await digestFiles(files);
    const apart = await Promise.all(files.map(async (file) => (await digestFiles([file]))[0]));
    assert.deepStrictEqual(together, apart);
    assert.deepStrictEqual(together, files.map(({ path }) => digestBytes(Deno.readFileSync(path))));
  });
});

Deno.test("a file that is cut short while it is read is an error, in threads too", async () => {
  await inTemporaryFolder(async (folder) => {
    Deno.writeTextFileSync(`${folder}/f`, "12345");
    await assert.rejects(digestFiles([{ path: `${folder}/f`, size: 6 }]), /cut short/);
    await assert.rejects(digestFiles([{ path: `${folder}/f`, size: 5 * CHUNK_BYTES }]), /cut short/);
  });
});

Deno.test("a tree's digest depends on every part of its files and not on their order", () => {
  const entry = fc.record({
    path: fc.string({ minLength: 1 }),
    digest: fc.stringMatching(/^[0-9a-f]{64}$/).map((hex) => hex as FileDigest),
    size: fc.nat(),
  });
  const entries = fc.uniqueArray(entry, { selector: ({ path }) => path, minLength: 1, maxLength: 8 });
  fc.assert(fc.property(entries, fc.nat(), (files, turn) => {
    const { digest } = artifactOf(files);
    const at = turn % files.length;
    const turned = [...files.slice(at), ...files.slice(0, at)].reverse();
    assert.strictEqual(artifactOf(turned).digest, digest);
    const other = (change: object) =>
      artifactOf(files.map((file, i) => (i === at ? { ...file, ...change } : file)));
    assert.notStrictEqual(other({ path: `${files[at].path}x` }).digest, digest);
    assert.notStrictEqual(other({ size: files[at].size + 1 }).digest, digest);
    assert.notStrictEqual(other({ executable: true }).digest, digest);
    assert.notStrictEqual(other({ digest: sha256Hex(files[at].digest) }).digest, digest);
  }));
});
