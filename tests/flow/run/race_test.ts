/** Two processes that want the same actions at the same time: each action runs once, and both get the right results. */

import assert from "node:assert/strict";
import { type Event, eventsOf, inOpenProject, outcomes, type Result } from "../cli.ts";

const ROUNDS = 5;
const ACTIONS = 200;

Deno.test(`${ROUNDS * ACTIONS} races of two processes: no action runs twice, no result is another's`, async () => {
  await inOpenProject(async (project) => {
    const ran = project.path("ran");
    for (let round = 0; round < ROUNDS; round++) {
      const tasks = Object.fromEntries(Array.from({ length: ACTIONS }, (_, i) => {
        const script = `echo ${round} ${i} >> ${ran}; echo ${round} ${i} > out/o`;
        return [`t${i}`, { kind: "command", params: { argv: ["sh", "-c", script] }, outputs: ["o"] }];
      }));
      const go = project.path(`go-${round}`);
      const gate = `until test -e ${go}; do sleep 0.05; done; echo ${round} gate > out/o`;
      const argv = ["sh", "-c", "cat in/all/* > out/o"];
      const inputs = { all: Array.from({ length: ACTIONS }, (_, i) => `t${i}.o`) };
      project.workflow({
        gate: { kind: "command", params: { argv: ["sh", "-c", gate] }, outputs: ["o"] },
        ...tasks,
        all: { kind: "command", params: { argv }, inputs, outputs: ["o"] },
      });
      const both = [project.spawn("run", "probe.ts", "--json"), project.spawn("run", "probe.ts", "--json")];
      const open = () => project.write(`go-${round}`, "");
      const results = await Promise.all(both.map((child) => resultOf(child, open)));
      for (const result of results) {
        assert.equal(result.code, 0, result.err + JSON.stringify(result.events));
        assert.equal(Object.keys(outcomes(result)).length, ACTIONS + 2);
      }
      // However late one of them began, they have met.
      assert.deepEqual(results.map((result) => outcomes(result).gate).sort(), ["joined", "ran"]);
      await project.call("get", "probe.ts", "all", `got-${round}`);
      const expected = Array.from({ length: ACTIONS }, (_, i) => `${round} ${i}`).sort();
      assert.deepEqual(project.read(`got-${round}/o`).trim().split("\n").sort(), expected);
    }
    const runs = project.read("ran").trim().split("\n");
    assert.equal(runs.length, ROUNDS * ACTIONS, "no action has run twice");
    assert.equal(new Set(runs).size, ROUNDS * ACTIONS);
  });
});

/** Follows a run to its end, and calls `open` when it waits for the other one. */
async function resultOf(child: Deno.ChildProcess, open: () => void): Promise<Result> {
  const err = new Response(child.stderr).text();
  const events: Event[] = [];
  for await (const event of eventsOf(child)) {
    events.push(event);
    if (event.event === "waiting") open();
  }
  const { code } = await child.status;
  return { code, out: "", err: await err, events };
}
