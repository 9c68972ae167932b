/** A search as a workflow of its own: what is reused, what a lag changes, and what ends in an error. */

import assert from "node:assert/strict";
import { inProjectWithOwnKinds, outcomes, type Project, untilEvent } from "../flow/cli.ts";
import { searchWorkflow } from "./search_workflow.ts";

const TRIALS = 7;

/** A program that fits nothing: its error is least at a width of 8, and it fails to give a number at a width of 3. */
const FIT =
  `awk -v w="$1" -v r="$2" 'BEGIN { e = (w - 8) * (w - 8) + (log(r) + 4) * (log(r) + 4); if (w == 3) e = "null"; print "{\\"error\\": " e "}" }' > out/figures`;

function search(project: Project, { trials = TRIALS, lag = 1, low = 1, path = "width" } = {}): void {
  project.write(
    "probe.ts",
    searchWorkflow({
      name: "probe",
      trials,
      space: {
        width: { type: "int", low, high: 12 },
        "fit.rate": { type: "float", low: 1e-4, high: 1, log: true },
      },
      sampler: { name: "tpe", startupTrials: 2 },
      lag,
      fit: FIT,
      values: [[path, 1], ["fit.rate", 0.1]],
      objective: "error",
    }),
  );
}

async function table(project: Project): Promise<string> {
  const folder = `got-${crypto.randomUUID()}`;
  const { code, err } = await project.call("get", "probe.ts", "best.table", folder);
  assert.equal(code, 0, err);
  return project.read(`${folder}/table`);
}

Deno.test("more trials reuse all earlier ones, and a killed search goes on to the same end", async () => {
  await inProjectWithOwnKinds(async (project) => {
    search(project, { trials: 4 });
    const first = await project.run();
    assert.equal(first.code, 0, first.out + first.err);
    const short = await table(project);
    search(project);
    const child = project.spawn("run", "probe.ts", "--json");
    await untilEvent(
      child,
      ({ event, id, outcome }) => event === "action" && id === "fit[trial=4]" && outcome === "ran",
    );
    child.kill("SIGKILL");
    await child.status;
    const second = await project.run();
    assert.equal(second.code, 0, second.out + second.err);
    const earlier = Object.entries(outcomes(second)).filter(([id]) => /trial=[0-3]\]/.test(id));
    assert.equal(earlier.length, 12);
    assert.ok(earlier.every(([, outcome]) => outcome === "reused"));
    const long = await table(project);
    assert.ok(long.startsWith(short), `${long}\ndoes not begin with\n${short}`);
    assert.equal(long.trim().split("\n").length, 2 + TRIALS);
    const again = await project.run();
    assert.ok(Object.values(outcomes(again)).every((outcome) => outcome === "reused"));
  });
});

Deno.test("results depend on the lag, and not on how many tasks run at a time", async () => {
  const tables = new Map<number, string>();
  for (const lag of [1, 2, 4]) {
    for (const jobs of ["1", "8"]) {
      await inProjectWithOwnKinds(async (project) => {
        search(project, { lag });
        const { code, out, err } = await project.run("--jobs", jobs);
        assert.equal(code, 0, out + err);
        const found = await table(project);
        assert.equal(found, tables.get(lag) ?? found, `lag ${lag}, ${jobs} jobs`);
        tables.set(lag, found);
      });
    }
  }
  assert.equal(new Set(tables.values()).size, 3);
});

Deno.test("a changed space keeps what still fits; a wrong path and a refused value name param, output and fields", async () => {
  await inProjectWithOwnKinds(async (project) => {
    search(project, { trials: 2 });
    assert.equal((await project.run()).code, 0);
    search(project, { trials: 2, path: "wide" });
    const wrong = await project.run();
    assert.equal(wrong.code, 1);
    const text = wrong.out + wrong.err;
    assert.match(
      text,
      /param argv\.4 takes its value from wide in suggest\[trial=0\]\.suggestion: there is no wide; the file has width, fit there/,
    );
    search(project, { trials: 2, path: "fit" });
    const refused = await project.run();
    assert.equal(refused.code, 1);
    assert.match(
      refused.out + refused.err,
      /param argv\.4 takes its value from fit in suggest\[trial=0\]\.suggestion/,
    );
    search(project, { trials: 2, low: 2 });
    const narrowed = await project.run();
    assert.equal(narrowed.code, 0, narrowed.out + narrowed.err);
  });
});
