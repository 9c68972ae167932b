/** The best values of a search, printed, written down and taken by other workflows; and what status says on the way. */

import assert from "node:assert/strict";
import { exists, inProjectWithOwnKinds, outcomes, type Project, until } from "../flow/cli.ts";
import { searchWorkflow } from "../tuning/search_workflow.ts";

/** The error is least at a width of 8. */
const FIT = `awk -v w="$1" 'BEGIN { print "{\\"error\\": " (w - 8) * (w - 8) "}" }' > out/figures`;
const SHOW = `echo "$1 $2" > out/text`;

/** A task that takes the best values, given as expressions. */
const shown = (width: string, rate: string, more = "") =>
  `{
  kind: "command",
  params: { argv: ["sh", "-c", ${JSON.stringify(SHOW)}, "show", ${width}, ${rate}] },
  outputs: ["text"],${more}
}`;

function writeSearch(project: Project): void {
  project.write(
    "search.ts",
    searchWorkflow({
      name: "search",
      trials: 4,
      space: {
        width: { type: "int", low: 1, high: 12 },
        "fit.rate": { type: "float", low: 1e-4, high: 1, log: true },
      },
      sampler: { name: "random" },
      lag: 1,
      fit: FIT,
      values: [["width", 1]],
      objective: "error",
      more: `show: ${
        shown('value("best.best", "params.width", 1)', 'value("best.best", "params.fit.rate", 0.1)')
      },`,
    }),
  );
}

/** A workflow that has the values written down. */
function writeOther(project: Project): void {
  project.write(
    "other.ts",
    `import { defineWorkflow } from "protoflow";
import { best } from "./best.ts";
export default defineWorkflow({
  name: "other",
  about: "what a search led to",
  tasks: { show: ${shown("best.width", "best.fit.rate")} },
});
`,
  );
}

/** The records of the runs so far. A run writes its record once a second: what it prints, it may not have recorded yet. */
function runRecords(project: Project): string[] {
  const runs = project.path("store/runs");
  if (!exists(runs)) return [];
  return [...Deno.readDirSync(runs)].filter(({ name }) => name.endsWith(".jsonl")).map(({ name }) =>
    project.read(`store/runs/${name}`)
  );
}

Deno.test("values that are written down have the keys of those taken from the search, and status tells them on the way", async () => {
  await inProjectWithOwnKinds(async (project) => {
    writeSearch(project);
    const early = await project.call("best", "search.ts");
    assert.equal(early.code, 2);
    assert.match(early.err, /there is no result of best; run it with: deno task run search\.ts best/);

    const child = project.spawn("run", "search.ts", "--json");
    const recordsTrial = () => runRecords(project).some((record) => record.includes('"id":"trial[trial=1]"'));
    await until(recordsTrial, "the record of the run has a trial");
    child.kill("SIGKILL");
    await child.status;
    const died = await project.call("status");
    const watched = await project.call("watch");
    assert.match(watched.out, /^best of \d trials?: trial \d with/m);
    assert.match(died.out, /best of \d trials?: trial \d with \d+: width \d+, fit\.rate 0\.\d+/);

    const run = await project.call("run", "search.ts", "--json");
    assert.equal(run.code, 0, run.out + run.err);
    const { events: [best] } = await project.call("best", "search.ts", "--json");
    assert.deepEqual(Object.keys(best), ["event", "workflow", "task", "trial", "value", "params"]);
    const { width, fit: { rate } } = best.params;
    assert.equal(best.value, (width - 8) ** 2);
    const { out } = await project.call("best", "search.ts", "best");
    assert.match(out, new RegExp(`^trial ${best.trial}: ${best.value}\\nwidth +${width}\\nfit\\.rate +0\\.`));
    const { events } = await project.call("status", "--json");
    const [line] = events.at(-1)!.standing;
    assert.ok(line.startsWith(`best of 4 trials: trial ${best.trial} with ${best.value}: width ${width}`));

    const written = await project.call("best", "search.ts", "--write", "best.ts");
    assert.equal(written.code, 0, written.err);
    assert.ok(project.read("best.ts").includes(`rate: ${rate}`));
    const again = await project.call("best", "search.ts", "--write", "best.ts");
    assert.match(again.err, /best\.ts is already there; nothing was overwritten/);
    writeOther(project);
    const other = await project.call("run", "other.ts", "--json");
    assert.equal(other.code, 0, other.out + other.err);
    assert.deepEqual(outcomes(other), { show: "reused" });
  });
});

Deno.test("a workflow without a search, a task that is none and a file that can't be imported are told apart", async () => {
  await inProjectWithOwnKinds(async (project) => {
    project.workflow({ text: { kind: "command", params: { argv: ["true"] }, outputs: ["text"] } });
    const none = await project.call("best", "probe.ts");
    assert.equal(none.code, 2);
    assert.match(none.err, /workflow probe\.ts has no search: expected a task of the kind best-trial/);
    writeSearch(project);
    const wrong = await project.call("best", "search.ts", "fit");
    assert.match(wrong.err, /fit names no search; name one: 'best'/);
  });
});
