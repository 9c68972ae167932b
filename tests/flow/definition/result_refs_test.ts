/** References to results: params that take values from them, and inputs from earlier members of an axis. */
import assert from "node:assert/strict";
import { axis, before, each, folder, value } from "../../../lib/protoflow.ts";
import { assertProblems, expanded, tasksOf } from "./expansion.ts";

const images = folder("images");
const search = {
  matrix: { trial: [0, 1, 2, 3], arch: ["a", "b"] },
  tasks: {
    rows: { kind: "table", inputs: { rows: each("joint.log", "trial") } },
    suggest: { kind: "table", inputs: { rows: before("joint.log", "trial", 2) } },
    joint: {
      kind: "train",
      params: {
        note: axis("arch"),
        lr: value("suggest.csv", "rates.joint", 0.5),
        coefs: { sep: 1, clst: value("suggest.csv", "clst", 0.25) },
      },
      inputs: { images },
    },
  },
};

Deno.test("an input from earlier members is those at least the lag before, on the same place of all other axes", async () => {
  const tasks = await tasksOf(search);
  const taken = (id: string) =>
    [tasks[id].inputs.rows].flat().map((ref) => "task" in ref ? ref.task : ref.path);
  assert.deepEqual(taken("suggest[trial=0,arch=a]"), []);
  assert.deepEqual(taken("suggest[trial=1,arch=a]"), []);
  assert.deepEqual(taken("suggest[trial=2,arch=b]"), ["joint[trial=0,arch=b]"]);
  assert.deepEqual(taken("suggest[trial=3,arch=a]"), ["joint[trial=0,arch=a]", "joint[trial=1,arch=a]"]);
  assert.deepEqual(tasks["suggest[trial=3,arch=a]"].inputs.rows, [
    { task: "joint[trial=0,arch=a]", output: "log", label: "trial=0" },
    { task: "joint[trial=1,arch=a]", output: "log", label: "trial=1" },
  ]);
});

Deno.test("members come after all that they take, and in the order of the file where that leaves a choice", async () => {
  const { tasks } = await expanded(search);
  const places = new Map(tasks.map(({ id }, i) => [id, i]));
  for (const { id, inputs, values = [] } of tasks) {
    const needed = [
      ...Object.values(inputs).flat().flatMap((ref) => "task" in ref ? [ref.task] : []),
      ...values.map(({ task }) => task),
    ];
    for (const other of needed) assert.ok(places.get(other)! < places.get(id)!, `${other} before ${id}`);
  }
  assert.equal(tasks.length, 8 + 8 + 2);
});

Deno.test("a param from a result has its example until the result is known, and says where the value is", async () => {
  const { "joint[trial=1,arch=b]": joint } = await tasksOf(search);
  assert.equal(joint.params.lr, 0.5);
  assert.deepEqual(joint.params.coefs, { sep: 1, clst: 0.25 });
  assert.deepEqual(joint.values, [
    { keys: ["lr"], path: "rates.joint", task: "suggest[trial=1,arch=b]", output: "csv" },
    { keys: ["coefs", "clst"], path: "clst", task: "suggest[trial=1,arch=b]", output: "csv" },
  ]);
});

Deno.test("an override replaces a value from a result, and what only that value needed is left out", async () => {
  const tasks = await tasksOf({
    tasks: {
      pick: { kind: "table", inputs: { rows: [images] } },
      joint: { kind: "train", params: { lr: value("pick.csv", "lr", 0.5) }, inputs: { images } },
    },
  }, { set: ["joint.lr=0.125"] });
  assert.deepEqual(Object.keys(tasks), ["joint"]);
  assert.equal(tasks.joint.params.lr, 0.125);
  assert.equal(tasks.joint.values, undefined);
});

const withTasks = (tasks: object, matrix: object = {}) => ({ matrix, tasks });

Deno.test("wrong references to results are told by their place", async () => {
  const joint = (ref: string, example: unknown = 0.5) => ({
    kind: "train",
    params: { lr: value(ref, "lr", example) },
    inputs: { images },
  });
  const pick = { kind: "table", inputs: { rows: [images] } };
  await assertProblems(withTasks({ pick, joint: joint("pik.csv") }), [
    /joint, params\.lr: there is no task "pik".*pick\?/,
  ]);
  await assertProblems(withTasks({ pick, joint: joint("pick.cvs") }), [/joint, params\.lr: .*"cvs".*csv\?/]);
  await assertProblems(withTasks({ pick, joint: joint("pick.csv", -1) }), [/joint.*params\.lr/]);
  await assertProblems(withTasks({ joint: joint("joint.log") }), [
    /joint: it depends on itself: joint → joint/,
  ]);
  await assertProblems(
    withTasks({ rows: { kind: "table", inputs: { rows: before("pick.csv", "trial", 0) } }, pick }, {
      trial: [0, 1],
    }),
    [/rows.*inputs\.rows.*a lag of 1 place or more/],
  );
  await assertProblems(
    withTasks({ rows: { kind: "table", inputs: { rows: before("pick.csv", "trail", 1) } }, pick }, {
      trial: [0, 1],
    }),
    [/rows, inputs\.rows: .*"trail".*trial\?/],
  );
  await assertProblems(
    withTasks({ rows: { kind: "table", inputs: { rows: before("pick.csv", "trial", 1) } }, pick }, {
      trial: [0, 1],
    }),
    [/axis trial does not reach pick, so none of its members is before another/],
  );
});

Deno.test("a cycle that no earlier member breaks is found", async () => {
  await assertProblems(
    withTasks({
      suggest: { kind: "table", inputs: { rows: [before("joint.log", "trial", 1), "joint.log"] } },
      joint: { kind: "train", params: { seed: axis("trial") }, inputs: { images: "suggest.csv" } },
    }, { trial: [0, 1] }),
    [/it depends on itself: suggest → joint → suggest/],
  );
});
