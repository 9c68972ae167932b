/** Sources that are swapped for others while tasks read them, and put back: a kept result is what its source says. */
import assert from "node:assert/strict";
import { inOpenProject, inProject, outcomes, type Project, resultOf, until } from "../cli.ts";
import { makeSwappable, type Swap, SWAPS } from "../store/swaps.ts";

/** A source of so many bytes is read where it is; a smaller one is copied before the task begins. */
const LARGE_BYTES = 65 << 20;

/** It reads when it is told to, and ends when it is told to: it can see that a file is there that it can't open. */
const script = (project: Project, task: string) =>
  [
    `: ${task}; touch tmp/started; while [ ! -e ${project.path("read")} ]; do sleep 0.02; done`,
    `cd in; find -L s | sort > ../tmp/names; for f in $(find -L s -type f | sort); do head -c 5 $f; done > ../tmp/texts`,
    `cd ..; touch tmp/has-read; while [ ! -e ${project.path("end")} ]; do sleep 0.02; done`,
    `cat tmp/names tmp/texts > out/o; rm tmp/*`,
  ].join("; ");

/** In how many work folders `name` is. */
function count(project: Project, name: string): number {
  const found = (folder: string): number =>
    [...Deno.readDirSync(folder)].reduce((sum, entry) => {
      if (entry.isDirectory && !["in", "out"].includes(entry.name)) {
        return sum + found(`${folder}/${entry.name}`);
      }
      return sum + (folder.endsWith("/tmp") && entry.name === name ? 1 : 0);
    }, 0);
  try {
    return found(project.path("store/work"));
  } catch {
    return 0; // It is not there yet, or a folder of it has just been removed.
  }
}

function mount(...args: string[]): boolean {
  return new Deno.Command("mount", { args, stderr: "null" }).outputSync().success;
}

function unmount(place: string): void {
  assert.ok(new Deno.Command("umount", { args: [place] }).outputSync().success, `${place} is not mounted`);
}

const canMount = Deno.build.os === "linux" && Deno.uid() === 0 && tryMount();
if (!canMount) console.log("a folder that is mounted over a source is left out: it needs root and mount(8)");

function tryMount(): boolean {
  const folder = Deno.makeTempDirSync();
  try {
    if (!mount("--bind", folder, folder)) return false;
    unmount(folder);
    return true;
  } finally {
    Deno.removeSync(folder);
  }
}

/** It leaves no trace in the file system: only an isolated task is sure not to see it. */
const MOUNTED: Swap = {
  name: "a folder mounted over the source",
  kind: "folder",
  source: "d",
  swap: (at) => assert.ok(mount("--bind", at("e"), at("d"))),
  restore: (at) => unmount(at("d")),
};

async function swapAll(project: Project, swaps: readonly Swap[], isLarge: boolean): Promise<void> {
  const places = swaps.map((_, i) => (path: string) => project.path(`${i}/${path}`));
  for (const at of places) {
    makeSwappable(at);
    if (isLarge) { for (const folder of ["d", "e"]) Deno.truncateSync(at(`${folder}/sub/f`), LARGE_BYTES); }
  }
  project.workflow(Object.fromEntries(swaps.map(({ kind, source }, i) => [
    `t${i}`,
    {
      kind: "command",
      params: { argv: ["sh", "-c", script(project, `t${i}`)] },
      inputs: { s: `${kind}:${i}/${source}` },
      outputs: ["o"],
    },
  ])));
  const child = project.spawn("run", "probe.ts", "--json", "--jobs", String(swaps.length));
  await until(() => count(project, "started") === swaps.length, "all tasks run");
  swaps.forEach(({ swap }, i) => swap(places[i]));
  project.write("read", "");
  await until(() => count(project, "has-read") === swaps.length, "all tasks have read");
  swaps.forEach(({ restore }, i) => restore(places[i]));
  project.write("end", "");
  const first = await resultOf(child);
  assert.equal(first.code, 0, first.out + first.err);

  assert.deepEqual([...new Set(Object.values(outcomes(await project.run())))], ["reused"]);
  const kept = await resultsOf(project, swaps);
  // What a run from the start makes of the sources as they are.
  const fresh = project.path("fresh");
  assert.equal((await project.run("--store", fresh)).code, 0);
  assert.deepEqual(kept, await resultsOf(project, swaps, "--store", fresh));
}

async function resultsOf(
  project: Project,
  swaps: readonly Swap[],
  ...options: string[]
): Promise<Record<string, string>> {
  const results: Record<string, string> = {};
  for (const [i, { name }] of swaps.entries()) {
    const [shown] = (await project.call("show", "probe.ts", `t${i}`, "--json", ...options)).events;
    results[name] = Deno.readTextFileSync(shown.paths.o[""]);
  }
  return results;
}

for (const size of ["small", "large"]) {
  const name = `a source that is swapped while it is read, and put back, gives no wrong hit: ${size}`;
  Deno.test(`${name}, isolated`, () =>
    inProject((project) => swapAll(project, [...SWAPS, ...canMount ? [MOUNTED] : []], size === "large")));
  Deno.test(`${name}, not isolated`, () =>
    inOpenProject((project) => swapAll(project, SWAPS, size === "large")));
}
