/** What a page shows of its run: its own part of the run, drawn without edges across boxes. */

import assert from "node:assert/strict";
import type { PageRun } from "../../../lib/report/page/page_run.ts";
import { runView } from "../../../lib/report/page/run_view.ts";

const task = (id: string, needs: string[], params = {}, outcome = "ran") => ({
  id,
  task: id.replace(/\[.*/, ""),
  kind: "kind",
  key: `key of ${id}`,
  ms: 90_000,
  outcome,
  needs,
  params,
});

const RUN: PageRun = {
  run: "1",
  workflow: "w",
  command: "deno task run w",
  result: {
    task: "report",
    inputs: { evaluations: [{ task: "a[seed=1]", output: "o" }, { task: "b", output: "o" }], data: [{}] },
  },
  tasks: [
    task("source", [], { "list": [1, 2] }, "reused"),
    task("a[seed=1]", ["source"], { deep: { x: 1, y: "text" } }),
    task("b", []),
    task("report", ["a[seed=1]", "b"]),
  ],
  overrides: [{ field: "a.deep.x", by: "set" }],
};

const page = (positions: object) =>
  `<script type="application/json" id="positions">${JSON.stringify(positions)}</script>`;

Deno.test("the page of a row has the tasks of its inputs alone", () => {
  const { summary, pipeline, origins } = runView(RUN, page({ evaluations: [0], data: [0] }));
  assert.match(summary, /^of run 1: 2 ran, 1 reused\./);
  assert.deepEqual([...pipeline.matchAll(/class="note">([^<]*)/g)].map(([, note]) => note), [
    "reused, saved 1 min 30 s",
    "ran, 1 min 30 s",
    "ran, 1 min 30 s",
  ]);
  assert.ok(!pipeline.includes(">b<"));
  assert.deepEqual(origins, {
    evaluations: [{ command: "deno task get w 'a[seed=1].o' FOLDER", key: "key of a[seed=1]" }],
    data: [null],
  });
});

Deno.test("params are listed by their paths, and replaced ones are marked", () => {
  const { params } = runView(RUN, page({ evaluations: [0, 1] }));
  const rows = [...params.matchAll(/<tr class="(\w*)">\s*<th scope="row">([^<]*)<\/th>([^]*?)<\/tr>/g)].map((
    [, style, task, cells],
  ) => [style, task, ...[...cells.matchAll(/<td>([^<]*)/g)].map(([, cell]) => cell)]);
  assert.deepEqual(rows, [
    ["", "source", "list", "[1,2]", ""],
    ["overridden", "a", "deep.x", "1", "--set"],
    ["", "a", "deep.y", "text", ""],
  ]);
});

Deno.test("a run of more tasks than can be read leads to the pages of its rows", () => {
  const tasks = Array.from({ length: 61 }, (_, i) => task(`t${i}`, []));
  const result = { task: "report", inputs: { all: tasks.map(({ id }) => ({ task: id, output: "o" })) } };
  const view = runView({ ...RUN, tasks, result }, page({ all: tasks.map((_, i) => i) }));
  assert.match(view.pipeline, /to which its name leads/);
  assert.equal(view.params, "");
  assert.equal(view.origins.all.length, 61);
});
