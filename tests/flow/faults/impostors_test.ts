/** Whatever lies in the place of a file of the store: commands end, results are right, and files outside stay as they are. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { inOpenProject, type Project, type Result } from "../cli.ts";
import {
  callBounded,
  filesOfEachKind,
  IMPOSTORS,
  isVital,
  resultOfLast,
  RIGHT,
  writeWorkflow,
} from "./impostors.ts";

const RUN = ["run", "probe.ts", "--json"];
/** What is damaged is found by whichever command comes first. */
const ORDERS = [[RUN, ["verify"], ["gc"], ["runs"], RUN], [["verify"], ["gc"], RUN]];
const LEASED = "0".repeat(64);
const TOKEN = "01234567-89ab-cdef-0123-456789abcdef";

/** A store with a file of each kind, also of those that only a process that was killed leaves. */
async function fillStore(project: Project): Promise<string[]> {
  writeWorkflow(project);
  await project.run();
  const { events } = await project.run();
  const run = events.find(({ event }) => event === "run")?.run ??
    [...Deno.readDirSync(project.path("store/runs"))].find(({ name }) => name.endsWith(".jsonl"))!.name.slice(
      0,
      -6,
    );
  await project.call("pin", run);
  await project.call("runs");
  for (const file of [`leases/owners/${TOKEN}`, `leases/actions/${LEASED}`, `leases/burials/${LEASED}`]) {
    project.write(`store/${file}`, "{}");
  }
  project.write(`store/logs/${LEASED}.log`, "printed\n");
  project.write(`store/runs/${run}.now`, "{}");
  project.write(`store/quarantine/damaged`, "bytes");
  return filesOfEachKind(project.path("store"));
}

/** Puts impostors into the place of `files` and calls all commands. */
async function tryImpostors(
  project: Project,
  what: string,
  files: readonly string[],
  commands = ORDERS[0],
): Promise<Result[]> {
  const outside = project.path("outside");
  Deno.writeTextFileSync(outside, "not the store's");
  Deno.utimeSync(outside, 1e9, 1e9);
  for (const file of files) {
    const path = join(project.path("store"), file);
    Deno.removeSync(path);
    IMPOSTORS[what](path, outside);
  }
  const results: Result[] = [];
  for (const command of commands) {
    const result = await callBounded(project, ...command);
    assert.ok(result, `${command} did not end: ${what} in the place of ${files}`);
    const { err, out } = result;
    assert.doesNotMatch(err + out, /fault of protoflow|^\s+at .*:\d+:\d+\)?$/m, `${command}: ${what}`);
    if (command[0] === "run" && result.code === 0) {
      assert.equal(resultOfLast(project, result), RIGHT, `${command}: ${what}`);
    } else if (result.code !== 0) assert.match(err + out, /\S/, `${command}: ${what}`);
    results.push(result);
  }
  assert.equal(Deno.readTextFileSync(outside), "not the store's", what);
  assert.equal(Deno.statSync(outside).mtime?.getTime(), 1e12, what);
  assert.deepEqual(
    [...Deno.readDirSync(project.folder)].map(({ name }) => name).filter((name) =>
      name.startsWith("outside.")
    ),
    [],
  );
  return results;
}

for (const what of Object.keys(IMPOSTORS)) {
  Deno.test(`${what} in the place of files of a store is no file of it`, async () => {
    for (const [i, order] of ORDERS.entries()) {
      await inOpenProject(async (project) => {
        const files = (await fillStore(project)).filter((file) => !isVital(file));
        assert.ok(files.length > 12, `${files}`);
        const results = await tryImpostors(project, what, files, order);
        if (what === "a file that can't be read" && Deno.uid() !== 0) return;
        results.forEach(({ code, err, out }, at) => {
          const isFound = i === 1 && at === 0;
          if (order[at][0] !== "verify" || isFound) assert.equal(code, isFound ? 3 : 0, `${err}${out}`);
        });
      });
    }
  });

  Deno.test(`${what} in the place of a store's version, or of what a run has written down, is an error or none`, () =>
    inOpenProject(async (project) => {
      for (const file of (await fillStore(project)).filter(isVital)) {
        const path = join(project.path("store"), file);
        const aside = project.path("aside");
        Deno.renameSync(path, aside);
        Deno.writeTextFileSync(path, "");
        await tryImpostors(project, what, [file]);
        Deno.removeSync(path, { recursive: true });
        Deno.renameSync(aside, path);
      }
      const next = await project.run();
      assert.equal(next.code, 0, next.err);
    }));
}
