/** The example of docs/tuning.md, run as a reader would, and the range that adds trials to it. */

import assert from "node:assert/strict";
import { inProjectWithOwnKinds, outcomes } from "../flow/cli.ts";

Deno.test("the documented search runs, goes on with more trials, and gives a table", async () => {
  await inProjectWithOwnKinds(async (project) => {
    const run = (range: string) =>
      project.call("run", "search-example", "--json", "--set", `matrix.trial=${range}`);
    const first = await run("0..1");
    assert.equal(first.code, 0, first.out + first.err);
    assert.equal(Object.keys(outcomes(first)).length, 8);
    const second = outcomes(await run("0..2"));
    assert.equal(Object.values(second).filter((outcome) => outcome === "ran").length, 5);
    const set = ["--set", "matrix.trial=0..2"];
    const { code, err } = await project.call("get", "search-example", "best.table", "out", ...set);
    assert.equal(code, 0, err);
    const page = await project.call("get", "search-example", "report.page", "out", ...set);
    assert.equal(page.code, 0, page.err);
    assert.match(project.read("out/page/index.html"), /A search for the least loss/);
    assert.match(
      project.read("out/table"),
      /^\| trial \| width \| rate \| shape \| objective \| best so far \|\n/,
    );
  });
});
