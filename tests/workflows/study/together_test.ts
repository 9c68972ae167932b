/** Rows as one workflow: common tasks once, others by row, one report that knows the row of each input. */

import assert from "node:assert/strict";
import type { WorkflowDefinition } from "../../../lib/protoflow.ts";
import { type Part, together } from "../../../workflows/study/together.ts";

const ABOUT = { name: "both", about: "two rows", title: "Two rows" };

function row(epochs: number, size = 8): WorkflowDefinition {
  return {
    name: `row-${epochs}`,
    about: "",
    matrix: { seed: [1, 2] },
    tasks: {
      data: { kind: "dataset", params: { size }, inputs: { source: { $folder: "images" } } },
      train: { kind: "joint", params: { epochs }, inputs: { views: "data.data", more: ["data.data"] } },
      report: {
        kind: "report",
        params: { title: "one", model: `Model ${epochs}` },
        inputs: { data: "data.data", logs: { $each: "train.log.gz", over: ["seed"] } },
      },
    },
    profiles: { smoke: { matrix: { seed: [1] }, data: { size: 2 }, train: { epochs: 1 } } },
  };
}

const part = (name: string, workflow: WorkflowDefinition): Part => ({
  row: name,
  workflow,
  rename: (task) => task === "data" ? task : `${name}-${task}`,
});

Deno.test("rows together have common tasks once, their own by their names, and one report", () => {
  const { tasks, result, matrix, profiles } = together(ABOUT, [part("a", row(5)), part("b", row(6))]);
  assert.deepEqual(matrix, { seed: [1, 2] });
  assert.equal(result, "report.page");
  assert.deepEqual(tasks, {
    data: { kind: "dataset", params: { size: 8 }, inputs: { source: { $folder: "images" } } },
    "a-train": { kind: "joint", params: { epochs: 5 }, inputs: { views: "data.data", more: ["data.data"] } },
    "b-train": { kind: "joint", params: { epochs: 6 }, inputs: { views: "data.data", more: ["data.data"] } },
    report: {
      kind: "report",
      params: {
        title: "Two rows",
        rows: { data: ["a", "b"], logs: ["a", "b"] },
        titles: { a: "Model 5", b: "Model 6" },
      },
      inputs: {
        data: ["data.data", "data.data"],
        logs: [{ $each: "a-train.log.gz", over: ["seed"] }, { $each: "b-train.log.gz", over: ["seed"] }],
      },
    },
  });
  assert.deepEqual(profiles, {
    smoke: { matrix: { seed: [1] }, data: { size: 2 }, "a-train": { epochs: 1 }, "b-train": { epochs: 1 } },
  });
});

Deno.test("different tasks of one name are an error that names them", () => {
  assert.throws(
    () => together(ABOUT, [part("a", row(5)), part("b", row(6, 9))]),
    /different tasks of the name data/,
  );
});
