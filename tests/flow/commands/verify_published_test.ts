/** `verify --published` reads what a kind says of its figures, and knows no more of them. */

import assert from "node:assert/strict";
import { inProject, type Project } from "../cli.ts";

const CELLS = [
  {
    row: "first",
    column: "Accuracy",
    verdict: "reproduced",
    ours: "80.00 ± 0.50",
    published: "80.50 ± 0.50",
    deviation: -1,
  },
  { row: "first", column: "NPR", verdict: "unknown", ours: "1.00 ± 0.00" },
  { row: "second", column: "Accuracy", verdict: "not run", published: "70.00 ± 0.10" },
];

const DIFFERS = {
  row: "second",
  column: "NPR",
  verdict: "differs",
  ours: "1.00 ± 0.00",
  published: "2.00 ± 0.25",
  deviation: -4,
};

function workflow(project: Project, published?: string): void {
  const params = published === undefined ? {} : { published };
  project.workflow({ site: { kind: "site", params } }, { result: "site.pages" });
}

Deno.test("verify --published prints each figure beside the published one, and fails where one differs", async () => {
  await inProject(async (project) => {
    const verify = (...more: string[]) => project.call("verify", "probe.ts", "--published", ...more);
    workflow(project, JSON.stringify({ cells: CELLS }));
    assert.match((await verify()).err, /site has no cached result to compare; run it first/);
    await project.run();
    const held = await verify();
    assert.equal(held.code, 0, "unknown figures and those that were not run do not differ");
    assert.deepEqual(held.out.trimEnd().split("\n"), [
      "row     figure    ours          published     difference  verdict",
      "first   Accuracy  80.00 ± 0.50  80.50 ± 0.50  −1.00 σ     reproduced",
      "first   NPR       1.00 ± 0.00   –                         unknown",
      "second  Accuracy  –             70.00 ± 0.10              not run",
      "1 reproduced, 0 differs, 1 not run, 1 unknown: 3 published figures",
    ]);

    workflow(project, JSON.stringify({ cells: [...CELLS, DIFFERS] }));
    await project.run();
    const differing = await verify();
    assert.equal(differing.code, 3);
    assert.match(differing.out, /\n1 reproduced, 1 differs, 1 not run, 1 unknown: 4 published figures\n$/);
    const { code, events } = await verify("--json");
    assert.equal(code, 3);
    assert.deepEqual(events.at(-1), { event: "published", id: "site", ...DIFFERS });
  });
});

Deno.test("verify --published says what is missing or malformed", async () => {
  await inProject(async (project) => {
    assert.match((await project.call("verify", "--published")).err, /need a workflow/);
    const verify = () => project.call("verify", "probe.ts", "--published");
    workflow(project);
    await project.run();
    const none = await verify();
    assert.equal(none.code, 0);
    assert.match(none.out, /^row .*\n0 reproduced, .*: 0 published figures\n$/);
    for (const text of ['{"cells":[{"row":"a","column":"b","verdict":"fine"}]}', "no JSON"]) {
      workflow(project, text);
      await project.run();
      assert.match((await verify()).err, /published\.json of site\.pages is not a comparison/);
    }
    const params = { argv: ["sh", "-c", "echo a > out/o"] };
    project.workflow({ one: { kind: "command", params, outputs: ["o"] } });
    assert.match((await verify()).err, /no task of .* compares its figures with published ones/);
  });
});
