/** Two processes that want the same actions at the same time: each action runs once, and both get the right results. */

import assert from "node:assert/strict";
import { inOpenProject, outcomes, resultOf } from "../cli.ts";

const ROUNDS = 5;
const ACTIONS = 200;

Deno.test(`${ROUNDS * ACTIONS} races of two processes: no action runs twice, no result is another's`, async () => {
  await inOpenProject(async (project) => {
    const ran = project.path("ran");
    let joined = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const tasks = Object.fromEntries(Array.from({ length: ACTIONS }, (_, i) => {
        const script = `echo ${round} ${i} >> ${ran}; echo ${round} ${i} > out/o`;
        return [`t${i}`, { kind: "command", params: { argv: ["sh", "-c", script] }, outputs: ["o"] }];
      }));
      const argv = ["sh", "-c", "cat in/all/* > out/o"];
      const inputs = { all: Array.from({ length: ACTIONS }, (_, i) => `t${i}.o`) };
      project.workflow({ ...tasks, all: { kind: "command", params: { argv }, inputs, outputs: ["o"] } });
      const both = [project.spawn("run", "probe.ts", "--json"), project.spawn("run", "probe.ts", "--json")];
      const results = await Promise.all(both.map(resultOf));
      for (const result of results) {
        assert.equal(result.code, 0, result.err + result.out);
        const found = Object.values(outcomes(result));
        assert.equal(found.length, ACTIONS + 1);
        joined += found.filter((outcome) => outcome === "joined").length;
      }
      await project.call("get", "probe.ts", "all", `got-${round}`);
      const expected = Array.from({ length: ACTIONS }, (_, i) => `${round} ${i}`).sort();
      assert.deepEqual(project.read(`got-${round}/o`).trim().split("\n").sort(), expected);
    }
    const runs = project.read("ran").trim().split("\n");
    assert.equal(runs.length, ROUNDS * ACTIONS, "no action has run twice");
    assert.equal(new Set(runs).size, ROUNDS * ACTIONS);
    assert.ok(joined > 0, "the processes have met");
  });
});
