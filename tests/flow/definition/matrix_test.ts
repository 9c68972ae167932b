/** The matrix: which tasks an axis reaches, fan-in, variants, combinations. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { axis, each, file, folder } from "../../../lib/protoflow.ts";
import { Axes } from "../../../lib/flow/definition/matrix.ts";
import { assertProblems, expanded, tasksOf } from "./expansion.ts";

const images = folder("images");
const study = {
  matrix: { seed: [1, 2], arch: { small: { lr: 0.5, layers: [1] }, large: { lr: 0.1, layers: [1, 2] } } },
  tasks: {
    // Written first, to see that the order follows from the graph.
    rows: { kind: "table", inputs: { rows: each("joint.log", "seed") } },
    all: {
      kind: "table",
      inputs: { rows: [each("joint.log", "seed", "arch"), "above.log", file("old.csv")] },
    },
    above: { kind: "train", inputs: { images } },
    first: { kind: "train", params: { seed: axis("seed") }, inputs: { images, extra: "above.model" } },
    joint: {
      kind: "train",
      params: { lr: axis("arch.lr"), layers: axis("arch.layers"), note: axis("arch") },
      inputs: { images: "first.model" },
    },
    count: { kind: "table", inputs: { rows: "rows.csv" } },
  },
};

Deno.test("an axis reaches the tasks that use it, in a param or through an input, and no other", async () => {
  const { tasks } = await expanded(study);
  assert.deepEqual(tasks.map(({ id }) => id), [
    "above",
    "first[seed=1]",
    "first[seed=2]",
    "joint[seed=1,arch=small]",
    "joint[seed=1,arch=large]",
    "joint[seed=2,arch=small]",
    "joint[seed=2,arch=large]",
    "rows[arch=small]",
    "rows[arch=large]",
    "all",
    "count[arch=small]",
    "count[arch=large]",
  ]);
});

Deno.test("a member has its values, its inputs and its place", async () => {
  const tasks = await tasksOf(study);
  assert.deepEqual(tasks["joint[seed=2,arch=large]"], {
    id: "joint[seed=2,arch=large]",
    task: "joint",
    member: { seed: "2", arch: "large" },
    kind: "train",
    params: {
      seed: 0,
      lr: 0.1,
      encoder: "resnet",
      layers: [1, 2],
      coefs: { sep: -0.08, clst: 0.8 },
      frozen: false,
      note: "large",
    },
    inputs: { images: { task: "first[seed=2]", output: "model" } },
    outputs: ["model", "log"],
  });
  assert.deepEqual(tasks.above.inputs, { images: { source: "folder", path: "/flows/images" } });
});

Deno.test("fan-in takes every member on the axes it names, at the taker's place on the others", async () => {
  const tasks = await tasksOf(study);
  assert.deepEqual(tasks["rows[arch=large]"].inputs.rows, [
    { task: "joint[seed=1,arch=large]", output: "log", label: "seed=1" },
    { task: "joint[seed=2,arch=large]", output: "log", label: "seed=2" },
  ]);
  assert.deepEqual(tasks.all.inputs.rows, [
    { task: "joint[seed=1,arch=small]", output: "log", label: "0-seed=1,arch=small" },
    { task: "joint[seed=1,arch=large]", output: "log", label: "0-seed=1,arch=large" },
    { task: "joint[seed=2,arch=small]", output: "log", label: "0-seed=2,arch=small" },
    { task: "joint[seed=2,arch=large]", output: "log", label: "0-seed=2,arch=large" },
    { task: "above", output: "log", label: "1" },
    { source: "file", path: "/flows/old.csv", label: "2" },
  ]);
  assert.deepEqual(tasks["count[arch=small]"].inputs.rows, [
    { task: "rows[arch=small]", output: "csv", label: "0" },
  ]);
});

Deno.test("combinations can be left out and let in", async () => {
  const tasks = await tasksOf({
    ...study,
    exclude: [{ seed: 1, arch: "large" }],
    include: [{ seed: 9, arch: "small" }],
  });
  const joints = Object.keys(tasks).filter((id) => id.startsWith("joint"));
  assert.deepEqual(joints, [
    "joint[seed=1,arch=small]",
    "joint[seed=2,arch=small]",
    "joint[seed=2,arch=large]",
    "joint[seed=9,arch=small]",
  ]);
  assert.deepEqual((tasks["rows[arch=large]"].inputs.rows as unknown[]).length, 1);
  assert.ok(tasks["first[seed=9]"]);
});

Deno.test("leaving out every combination of a value leaves out the value", async () => {
  const tasks = await tasksOf({ ...study, exclude: [{ seed: 1 }] });
  assert.ok(!Object.keys(tasks).some((id) => id.includes("seed=1")));
});

Deno.test("members are the projections of the allowed combinations, whatever is left out", () => {
  const value = fc.integer({ min: 0, max: 2 });
  const part = fc.dictionary(fc.constantFrom("a", "b", "c"), value, { minKeys: 1 });
  fc.assert(
    fc.property(
      fc.array(part, { maxLength: 4 }),
      fc.subarray(["a", "b", "c"], { minLength: 1 }),
      (out, on) => {
        const axes = new Axes({ a: [0, 1, 2], b: [0, 1, 2], c: [0, 1, 2] }, [], out);
        const expectedIds = new Set<string>();
        for (let n = 0; n < 27; n++) {
          const place: Record<string, number> = { a: Math.floor(n / 9), b: Math.floor(n / 3) % 3, c: n % 3 };
          if (out.some((left) => Object.entries(left).every(([axis, v]) => place[axis] === v))) continue;
          expectedIds.add(on.map((axis) => place[axis]).join());
        }
        assert.deepEqual(
          axes.members(on).map((m) => on.map((axis) => m[axis]).join()),
          [...expectedIds].sort(),
        );
      },
    ),
  );
});

Deno.test("mistakes in axes are told all at once", async () => {
  await assertProblems({
    matrix: {
      seed: [1, 1],
      "b d": [1],
      arch: { a: { lr: 1 }, b: { lt: 1 } },
      list: [[1]],
      none: [],
      bare: {},
    },
    include: [{ seed: 3 }, { seed: 1, arch: "c", list: 1, none: 1, bare: 1 }],
    exclude: [{ sed: 1 }, { seed: 7 }, {}],
    tasks: {
      a: { kind: "train", params: { seed: axis("sed"), lr: axis("arch.l") }, inputs: { images } },
      b: { kind: "table", inputs: { rows: each("a.log", "arc") } },
    },
  }, [
    /matrix\.seed: .*given "1", expected each value once/,
    /matrix: .*given "b d"/,
    /matrix\.arch\.b: it lacks the field lr of a/,
    /matrix\.arch\.b: there is no field "lt".*did you mean lr/,
    /matrix\.list: .*name anything else as a variant/,
    /matrix\.none: .*at least one value/,
    /matrix\.bare: .*at least one variant/,
    /include\.0: it names no value for/,
    /include\.1: there is no value of axis arch "c"/,
    /include\.1: there is no value of axis bare "1"/,
    /exclude\.0: there is no axis "sed".*did you mean seed/,
    /exclude\.1: there is no value of axis seed "7"/,
    /exclude\.2: .*given \{\}/,
    /task a, params\.seed: there is no axis "sed"/,
    /task a, params\.lr: there is no axis "arch\.l".*did you mean arch\.lr/,
    /task b, inputs\.rows: there is no axis "arc"/,
  ]);
});

Deno.test("gathering over an axis that does not reach the task is a mistake", async () => {
  await assertProblems({
    matrix: { seed: [1, 2] },
    tasks: {
      a: { kind: "train", inputs: { images } },
      b: { kind: "table", inputs: { rows: each("a.log", "seed") } },
    },
  }, [/task b, inputs\.rows: axis seed does not reach a/]);
});

Deno.test("a matrix that is too large is refused before it is expanded", async () => {
  const values = Array.from({ length: 200 }, (_, i) => i);
  const matrix = { a: values, b: values, c: values };
  const params = { seed: axis("a"), lr: axis("b"), layers: [axis("c")] };
  await assertProblems({ matrix, tasks: { t: { kind: "train", params, inputs: { images } } } }, [
    /matrix: a × b × c has 8000000 combinations, more than 1000000/,
  ]);
});
