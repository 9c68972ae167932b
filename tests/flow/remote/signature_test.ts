/** Signed results: what no trusted key has signed is a miss, and nobody replaces what others have signed. */

import assert from "node:assert/strict";
import { isSignedBy, newPrivateKey, signerOf } from "../../../lib/flow/remote/signature.ts";
import { publishFiles } from "../store/scratch.ts";
import { sharing } from "./cache_server.ts";

const newSigner = async () => await signerOf(await newPrivateKey(), "a test");

Deno.test("a signature is of one text by one key", async () => {
  const [mine, other] = [await newSigner(), await newSigner()];
  const text = new TextEncoder().encode("text");
  const made = await mine.sign(text);
  assert.match(mine.publicKey, /^ed25519:[A-Za-z0-9+/]{43}=$/);
  assert.ok(await isSignedBy([other.publicKey, mine.publicKey], text, made));
  assert.ok(!await isSignedBy([other.publicKey], text, made));
  assert.ok(!await isSignedBy([mine.publicKey], new TextEncoder().encode("Text"), made));
  assert.ok(!await isSignedBy([mine.publicKey], text, undefined));
  for (const broken of ["", "{}", "[]", "null", `{"key":"${mine.publicKey}","signature":"!"}`]) {
    assert.ok(!await isSignedBy([mine.publicKey], text, new TextEncoder().encode(broken)));
  }
});

Deno.test("a key that openssl made is taken, and a text that is none is refused without being shown", async () => {
  const pem =
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIEZBS0VGQUtFRkFLRUZBS0VGQUtFRkFLRUZBS0VGQUtF\n-----END PRIVATE KEY-----\n";
  assert.match((await signerOf(pem, "a file")).publicKey, /^ed25519:/);
  await assert.rejects(signerOf("secret", "key.pem"), (error: Error) => {
    assert.match(error.message, /^key\.pem holds no private key of Ed25519/);
    return !error.message.includes("secret");
  });
});

Deno.test("where keys are trusted, a result counts only if one of them has signed it", () =>
  sharing(async ({ server, store, cache, warnings }) => {
    const [mine, other] = [await newSigner(), await newSigner()];
    const here = store();
    const { record, key } = await publishFiles(here, { a: 1 }, { out: { "": "text" } });
    const send = async (options: object) => {
      const sending = cache(here, options);
      sending.offer(record!);
      return (await sending.finish()).sent;
    };
    const find = (trusted: string[]) => cache(store(), { trusted }).bringResult(key);

    assert.equal(await send({}), 1);
    assert.equal(await find([mine.publicKey]), undefined, "without a signature");
    assert.equal(await send({ signer: other }), 1);
    assert.equal(await find([mine.publicKey]), undefined, "signed by another");
    assert.equal(await send({ signer: mine, trusted: [mine.publicKey] }), 1);
    assert.deepEqual(await find([other.publicKey, mine.publicKey]), record);
    assert.deepEqual(await find([]), record);
    assert.equal(warnings.length, 2);

    const entry = server.kept.get(`ac/${key}`);
    assert.equal(await send({ signer: other, trusted: [mine.publicKey] }), 0);
    assert.equal(await send({ trusted: [mine.publicKey] }), 0);
    assert.equal(server.kept.get(`ac/${key}`), entry, "what nobody would take has replaced what was signed");
  }));
