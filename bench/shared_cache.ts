/**
 * Compares the throughput of fetching results from a shared cache with that of others; nginx serves all on loopback.
 *
 * - curl fetches the same entries by as many connections. It checks nothing and keeps no record.
 * - Bazel fetches as many results of its own, small files of 400 bytes each, by as many connections. It checks their digests and
 *   keeps a record of each, as we do. Its server runs, and has read and analysed the build, before the time begins.
 *
 * What was written before is on the disk when a time begins. Needs nginx and curl; without Bazel that is left out.
 *
 *     deno run -A bench/shared_cache.ts [--megabytes 2000] [--results 10000] [--rounds 3]
 */

import { parseArgs } from "node:util";
import { HttpServer } from "../lib/flow/remote/http_server.ts";
import { CACHE_LIMITS } from "../lib/flow/remote/server.ts";
import { Store } from "../lib/flow/store/store.ts";
import type { ActionKey } from "../lib/flow/store/types.ts";
import { BazelBuild, isThereBazel } from "./shared_cache_bazel.ts";
import { cacheOf, send } from "./shared_cache_results.ts";
import { startNginx } from "./shared_cache_server.ts";
import { median } from "./side.ts";

const { values: options } = parseArgs({
  options: {
    megabytes: { type: "string", default: "2000" },
    results: { type: "string", default: "10000" },
    rounds: { type: "string", default: "3" },
  },
});
const folder = Deno.makeTempDirSync();

/** Nothing is removed before the end: for minutes after a removal, ext4 takes ten times as long to make a file near it. */
function newFolder(): string {
  return Deno.makeTempDirSync({ dir: folder });
}

/** Milliseconds until a new store has all results. */
async function fetchAll(url: string, keys: readonly ActionKey[]): Promise<number> {
  const store = Store.open(newFolder());
  const cache = cacheOf(store, new HttpServer({ url, limits: CACHE_LIMITS }));
  const begin = performance.now();
  const records = await Promise.all(keys.map((key) => cache.bringResult(key)));
  const ms = performance.now() - begin;
  if (records.includes(undefined)) throw new Error("a result was not fetched");
  store.close();
  return ms;
}

/** Milliseconds that curl takes for all entries of the cache. */
function curlAll(url: string, name: string): number {
  const entries = ["ac", "cas"].flatMap((area) =>
    [...Deno.readDirSync(`${folder}/${name}/${area}`)].map((entry) => `${area}/${entry.name}`)
  );
  const target = newFolder();
  const lines = entries.map((path) => `url="${url}/${path}"\noutput="${target}/${path}"`);
  Deno.writeTextFileSync(`${folder}/curl.txt`, lines.join("\n"));
  for (const area of ["ac", "cas"]) Deno.mkdirSync(`${target}/${area}`);
  const begin = performance.now();
  const parallel = ["--parallel", "--parallel-max", String(CACHE_LIMITS.requests)];
  const args = ["--silent", "--fail", ...parallel, "--config", `${folder}/curl.txt`];
  const { success } = new Deno.Command("curl", { args }).outputSync();
  const ms = performance.now() - begin;
  if (!success) throw new Error("curl failed");
  return ms;
}

/** What is still to be written would slow down whoever comes next. */
function settle(): void {
  new Deno.Command("sync", { args: ["-f", folder] }).outputSync();
}

/** Milliseconds of one fetch. */
type Fetch = () => number | Promise<number>;

async function compare(what: string, ours: Fetch, peers: Readonly<Record<string, Fetch>>): Promise<void> {
  const fetches = Object.entries({ protoflow: ours, ...peers });
  const times = fetches.map((): number[] => []);
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const [i, [, fetch]] of fetches.entries()) {
      settle();
      times[i].push(await fetch());
    }
  }
  const [mine] = times.map(median);
  console.log(what);
  fetches.forEach(([name], i) => {
    const rounds = times[i].map((ms) => ms.toFixed(0)).join(" ");
    const ratio = i === 0 ? "" : `: ${(median(times[i]) / mine).toFixed(2)} x its throughput`;
    console.log(`  ${name} ${median(times[i]).toFixed(0)} ms (${rounds})${ratio}`);
  });
}

/** A build whose results are in the cache. */
function openBazel(url: string, results: number): BazelBuild | undefined {
  if (!isThereBazel()) return void console.log("Bazel is left out: there is no bazel on PATH");
  Deno.mkdirSync(`${folder}/bazel`);
  // The user that nginx gives up root's rights for writes there.
  Deno.chmodSync(`${folder}/bazel`, 0o777);
  const bazel = new BazelBuild({ folder: `${folder}/workspace`, url, results, jobs: CACHE_LIMITS.requests });
  bazel.send();
  return bazel;
}

const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
const { port } = listener.addr;
listener.close();
const nginx = startNginx(folder, port);
let bazel: BazelBuild | undefined;
try {
  const url = `http://127.0.0.1:${port}`;
  const count = Number(options.results);
  const small = (i: number) => new TextEncoder().encode(`result ${i} `.padEnd(400, "of many "));
  const build = bazel = openBazel(`${url}/bazel`, count);
  for (const what of ["items", "tasks"]) {
    const keys = await send(folder, what, count, small, what === "items");
    const peers = {
      curl: () => curlAll(`${url}/${what}`, what),
      ...build && { Bazel: () => build.fetchAll() },
    };
    await compare(
      `${count} results of ${what}, 400 bytes each`,
      () => fetchAll(`${url}/${what}`, keys),
      peers,
    );
  }
  // Last: for minutes after it the disk is busy.
  const megabytes = Number(options.megabytes);
  const large = new Uint8Array(megabytes * 1e6);
  for (let i = 0; i < large.length; i += 1000) large[i] = Math.random() * 256;
  const file = await send(folder, "large", 1, () => large);
  const peers = { curl: () => curlAll(`${url}/large`, "large") };
  await compare(`one file of ${megabytes} MB`, () => fetchAll(`${url}/large`, file), peers);
} finally {
  bazel?.close();
  nginx.kill();
  await nginx.status;
  Deno.removeSync(folder, { recursive: true });
}
