/** A search that is killed again and again: it comes to the same end, and no result is made twice. */

import assert from "node:assert/strict";
import { RandomStream } from "../../lib/tensor/random.ts";
import { eventsOf, inProjectWithOwnKinds, outcomes, type Project } from "../flow/cli.ts";
import { searchWorkflow } from "./search_workflow.ts";

const KILLS = 50;
const TRIALS = 12;
const MORE = 10;

/** The longest time until a kill: most runs are killed while some task runs, some before the first. */
const LONGEST_MS = 2000;

const FIT = 'awk -v r="$1" \'BEGIN { print "{\\"loss\\": " (log(r) + 4) ^ 2 "}" }\' > out/figures';

function search(project: Project, trials: number): void {
  project.write(
    "probe.ts",
    searchWorkflow({
      name: "probe",
      trials,
      space: { rate: { type: "float", low: 1e-4, high: 1, log: true } },
      sampler: { name: "tpe", startupTrials: 3 },
      lag: 2,
      fit: FIT,
      values: [["rate", 0.1]],
      objective: "loss",
    }),
  );
}

async function table(project: Project, ...args: string[]): Promise<string> {
  const folder = `got-${crypto.randomUUID()}`;
  const { code, err } = await project.call("get", "probe.ts", "best.table", folder, ...args);
  assert.equal(code, 0, err);
  return project.read(`${folder}/table`);
}

Deno.test("killed at many instants and prolonged, a search has the results of one that was left alone", async () => {
  await inProjectWithOwnKinds(async (project) => {
    /** How often each result was made, by the task and its key. */
    const made = new Map<string, number>();
    const count = ({ event, outcome, id, key }: Record<string, unknown>) => {
      if (event === "action" && outcome === "ran") {
        made.set(`${id} ${key}`, (made.get(`${id} ${key}`) ?? 0) + 1);
      }
    };
    const random = new RandomStream({ seed: 1, purpose: "kills", index: 0 });
    for (let kill = 0; kill < KILLS; kill++) {
      search(project, kill < KILLS / 2 ? TRIALS : TRIALS + MORE);
      const child = project.spawn("run", "probe.ts", "--json");
      const timer = setTimeout(() => {
        try {
          child.kill("SIGKILL");
        } catch {
          // It has ended by itself.
        }
      }, random.uniform(0, LONGEST_MS));
      try {
        for await (const event of eventsOf(child)) count(event);
      } finally {
        clearTimeout(timer);
        await child.status;
      }
    }
    const last = await project.run();
    assert.equal(last.code, 0, last.out + last.err);
    last.events.forEach(count);
    assert.deepEqual([...made].filter(([, times]) => times > 1), []);
    const found = await table(project);

    const alone = ["--store", project.path("alone")];
    search(project, TRIALS);
    assert.equal((await project.run(...alone)).code, 0);
    const short = await table(project, ...alone);
    search(project, TRIALS + MORE);
    const more = await project.run(...alone);
    assert.equal(more.code, 0, more.out + more.err);
    const earlier = Object.entries(outcomes(more)).filter(([id]) =>
      Number(/trial=(\d+)/.exec(id)?.[1] ?? TRIALS) < TRIALS
    );
    assert.equal(earlier.length, 3 * TRIALS);
    assert.ok(earlier.every(([, outcome]) => outcome === "reused"));
    assert.equal(await table(project, ...alone), found);
    assert.ok(found.startsWith(short));
  });
});
