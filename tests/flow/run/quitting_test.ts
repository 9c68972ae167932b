/** Code of a kind that ends its process with exit code 0: what was done until then is no result. */

import assert from "node:assert/strict";
import { inProject, outcomes, type Result } from "../cli.ts";
import { PLACES } from "../kinds/quits.ts";

const ENDED =
  /its process ended, with exit code 0, before its work was done: the code of a kind ends by returning/;

function reasonOf({ events }: Result, task: string): string {
  return events.find(({ event, id }) => event === "action" && id === task)!.reason;
}

Deno.test("a process that ends well before its work is done has failed, wherever it does so", async () => {
  await inProject(async (project) => {
    project.workflow({
      run: { kind: "quits_run", params: {} },
      ...Object.fromEntries(PLACES.map((at) => [at, { kind: "quits", params: { at } }])),
    });
    const ran = await project.run();
    assert.equal(ran.code, 1, ran.err);
    for (const task of ["run", ...PLACES]) {
      assert.equal(outcomes(ran)[task], "failed", task);
      assert.match(reasonOf(ran, task), ENDED, task + ran.out);
    }
    assert.match(
      reasonOf(ran, "item"),
      /^1 of 3 items failed \(the others are cached\)\s+b: its process ended/,
    );
    assert.doesNotMatch(ran.out + ran.err, /fault of protoflow/);
  });
});
