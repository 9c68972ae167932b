/** Whatever a cache does, a result is right or there is none, and one line says why. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { attachedTo, encodeResult } from "../../../lib/flow/remote/action_result.ts";
import { newPrivateKey, type Signer, signerOf } from "../../../lib/flow/remote/signature.ts";
import { canonicalJson } from "../../../lib/flow/store/canonical_json.ts";
import { sha256Hex, singleFileDigest } from "../../../lib/flow/store/digest.ts";
import type { ActionRecord, FileDigest } from "../../../lib/flow/store/types.ts";
import { publishFiles } from "../store/scratch.ts";
import { type Fault, LIMITS, type Sharing, sharing } from "./cache_server.ts";

const CASES = 320;

const OUTPUTS = {
  table: { "": "a,b\n1,2\n" },
  images: { "one.png": "first", "below/two.png": "second", empty: "" },
};

/** How an answer is spoilt; `size` is some number of bytes. */
type Spoil = (kept: Uint8Array<ArrayBuffer>, size: number, made: Made) => Response | Promise<Response>;

/** A result, and others that are not the one that is asked for. */
interface Made {
  readonly record: ActionRecord;
  readonly other: ActionRecord;
  readonly foreign: Signer;
  /** The entry of the other one, signed by a trusted key. */
  readonly otherEntry: Uint8Array<ArrayBuffer>;
}

const status = (code: number) => () => new Response("<html>oops</html>", { status: code });

function flipped(bytes: Uint8Array<ArrayBuffer>, at: number): Uint8Array<ArrayBuffer> {
  const changed = bytes.slice();
  if (changed.length > 0) changed[at % changed.length] ^= 1 + at % 255;
  return changed;
}

/** A body that comes piece by piece. */
function body(
  next: (count: number) => Uint8Array | undefined | Promise<Uint8Array | undefined>,
): ReadableStream {
  let count = 0;
  return new ReadableStream({
    async pull(controller) {
      const bytes = await next(count++);
      if (bytes === undefined) controller.close();
      else controller.enqueue(bytes);
    },
  });
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** An entry with a record that says something else, and a signature that is not of a trusted key. */
async function forged({ record, other, foreign }: Made): Promise<Uint8Array<ArrayBuffer>> {
  const text = new TextEncoder().encode(canonicalJson({ ...record, outputs: other.outputs }));
  const attached = { "protoflow/record": text, "protoflow/signature": await foreign.sign(text) };
  return encodeResult({ files: [], folders: [], attached });
}

const SPOILS: Readonly<Record<string, Spoil>> = {
  "500": status(500),
  "503": status(503),
  "403": status(403),
  "404": status(404),
  "204": () => new Response(null, { status: 204 }),
  redirect: () => new Response(null, { status: 302, headers: { location: "http://127.0.0.1:9/elsewhere" } }),
  "other bytes": (kept, size) => new Response(flipped(kept, size)),
  "too few bytes": (kept, size) => new Response(kept.slice(0, size % Math.max(1, kept.length))),
  "too many bytes": (kept, size) =>
    new Response(new Uint8Array([...kept, ...new Uint8Array(1 + size % 100)])),
  "cut connection": (kept, size) =>
    new Response(
      body((count) => count > 0 ? undefined : kept.slice(0, 1 + size % Math.max(1, kept.length))),
      { headers: { "content-length": String(kept.length + 10) } },
    ),
  "slow drip": (kept) =>
    new Response(body(async (count) => {
      await pause(5);
      return count < kept.length ? kept.slice(count, count + 1) : undefined;
    })),
  "no answer": async () => {
    await pause(60);
    return new Response(null, { status: 500 });
  },
  "endless body": () => new Response(body(() => new Uint8Array(1 << 16))),
  "forged record": async (_kept, _size, made) => new Response(await forged(made)),
  "replayed record": (_kept, _size, made) => new Response(made.otherEntry.slice()),
  "no signature": (kept) => {
    const attached = { ...attachedTo(kept) };
    delete attached["protoflow/signature"];
    return new Response(encodeResult({ files: [], folders: [], attached }));
  },
};

const OF_ENTRIES = ["forged record", "replayed record", "no signature"];

/** Bytes that are never those that are asked for, so that they must not be taken. */
const NEVER_RIGHT = new Set([
  ...OF_ENTRIES,
  "other bytes",
  "too many bytes",
  "500",
  "503",
  "403",
  "404",
  "204",
  "redirect",
]);

const aCase = fc.record({
  spoil: fc.constantFrom(...Object.keys(SPOILS)),
  /** Which of the entries that are asked for. */
  target: fc.nat({ max: 5 }),
  size: fc.nat({ max: 5000 }),
  once: fc.boolean(),
});

async function prepare(
  { server, store, cache }: Sharing,
): Promise<Made & { trusted: string; signer: Signer }> {
  const here = store();
  const [signer, foreign] = [
    await signerOf(await newPrivateKey(), "a test"),
    await signerOf(await newPrivateKey(), "a test"),
  ];
  const record = (await publishFiles(here, { a: 1 }, OUTPUTS)).record!;
  const other = (await publishFiles(here, { a: 2 }, { ...OUTPUTS, table: { "": "wrong\n" } })).record!;
  const sending = cache(here, { signer, trusted: [signer.publicKey] });
  for (const one of [record, other]) sending.offer(one);
  assert.equal((await sending.finish()).sent, 2);
  const otherEntry = server.kept.get(`ac/${other.key}`)!;
  return { record, other, foreign, otherEntry, trusted: signer.publicKey, signer };
}

Deno.test(`${CASES} times a cache fails in some way: what is fetched is right, or a miss with one line`, () =>
  sharing(async (all) => {
    const { server, store, cache, warnings } = all;
    const made = await prepare(all);
    const { record, trusted } = made;
    let spoilt = 0;
    let cases = 0;
    await fc.assert(
      fc.asyncProperty(aCase, async ({ spoil, target, size, once }) => {
        warnings.length = 0;
        let hits = 0;
        let left = once ? 1 : Infinity;
        const seen = new Set<string>();
        const authorization = `Bearer case-${++cases}`;
        const fault: Fault = async ({ headers }, path, kept) => {
          // A request of the case before, which was given up, may come late.
          if (headers.get("authorization") !== authorization) return undefined;
          seen.add(path);
          const isTarget = path.startsWith("ac/") ? target === 0 || OF_ENTRIES.includes(spoil) : !OF_ENTRIES
            .includes(spoil) && [...seen].indexOf(path) === target;
          if (!isTarget || kept === undefined || left-- <= 0) return undefined;
          hits++;
          return await SPOILS[spoil](kept, size, made);
        };
        server.fault = fault;
        const there = store();
        const isSlow = spoil === "slow drip" || spoil === "no answer";
        const limits = isSlow ? { ...LIMITS, patienceMs: 20, slowest: 100 } : LIMITS;
        const fetching = cache(there, { trusted: [trusted], limits, authorization });
        const found = await fetching.bringResult(record.key);
        if (found === undefined) assert.equal(there.getRecord(record.key), undefined);
        else {
          assert.deepEqual(found, record);
          assert.deepEqual(await there.checkOutputs(found), []);
        }
        // Of an entry under ac/ only the record and its signature are read.
        const isRead = target > 0 || !/bytes$/.test(spoil);
        if (hits > 0 && isRead && NEVER_RIGHT.has(spoil)) assert.equal(found, undefined);
        assert.deepEqual(await there.verify(), []);
        assert.ok(warnings.length <= 1, warnings.join("\n"));
        if (hits > 0) spoilt++;
        there.close();
      }),
      { numRuns: CASES, seed: 17 },
    );
    server.fault = () => undefined;
    assert.ok(spoilt > CASES / 2, `only ${spoilt} times was an answer spoilt`);
  }));

Deno.test("after a few errors a cache is left alone, and only the first of them is told", () =>
  sharing(async ({ server, store, cache, warnings }) => {
    server.fault = () => new Response(null, { status: 500 });
    const asking = cache(store());
    for (let i = 0; i < 20; i++) {
      assert.equal(await asking.find(sha256Hex(String(i)) as ActionRecord["key"]), undefined);
    }
    assert.equal(server.requests.length, LIMITS.mostErrors);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0], /^the cache http:.*: it answered 500; what it does not give is run here/);
  }));

Deno.test("a cache that takes nothing is a warning, and nothing of a result is fetched twice", () =>
  sharing(async ({ server, store, cache, warnings }) => {
    server.fault = ({ method }) => method === "PUT" ? new Response(null, { status: 507 }) : undefined;
    const here = store();
    const { record } = await publishFiles(here, { a: 1 }, OUTPUTS);
    const sending = cache(here);
    sending.offer(record!);
    assert.equal((await sending.finish()).sent, 0);
    assert.equal(warnings.length, 1);
    assert.equal(server.count("PUT", "ac"), 0, "an entry was sent without its files");
  }));

Deno.test("a list of files that leads out of its folder or has other sizes than stated, and one of chunks that is none, is refused", () =>
  sharing(async ({ server, store, cache, warnings }) => {
    const here = store();
    const { record, key } = await publishFiles(here, { a: 1 }, { images: OUTPUTS.images });
    const sending = cache(here);
    sending.offer(record!);
    await sending.finish();
    const put = (outputs: ActionRecord["outputs"]) => {
      const text = new TextEncoder().encode(canonicalJson({ ...record!, outputs }));
      const attached = { "protoflow/record": text };
      server.kept.set(`ac/${key}`, encodeResult({ files: [], folders: [], attached }));
    };
    const digest = sha256Hex("evil");
    const tree = canonicalJson({ schema: 1, tree: [{ path: "../../evil", digest, size: 4 }] });
    server.kept.set(`cas/${sha256Hex(tree)}`, new TextEncoder().encode(tree));
    server.kept.set(`cas/${digest}`, new TextEncoder().encode("evil"));
    const noList = "x".repeat(2 * 67 + 1);
    server.kept.set(`cas/${sha256Hex(noList)}`, new TextEncoder().encode(noList));
    const long = { path: "", digest: `${sha256Hex(noList)}.chunks` as FileDigest, size: (16 << 20) + 1 };
    const forgeries = [
      { digest: singleFileDigest(long), files: 1, bytes: long.size, file: long },
      { digest: sha256Hex(tree), files: 1, bytes: 4 },
      { ...record!.outputs.images, bytes: 1 },
      { ...record!.outputs.images, bytes: 1e300 },
      { ...record!.outputs.images, files: -1 },
    ];
    for (const images of forgeries as unknown as ActionRecord["outputs"][string][]) {
      const there = store();
      put({ images });
      assert.equal(await cache(there).bringResult(key), undefined);
      assert.equal(there.getRecord(key), undefined);
      assert.deepEqual(await there.verify(), []);
    }
    assert.equal(warnings.length, forgeries.length);
  }));
