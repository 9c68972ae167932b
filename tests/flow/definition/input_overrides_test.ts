/** `--set` on inputs, and what an override leaves without use. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assertProblems, expanded, tasksOf } from "./expansion.ts";

const made = (count: number, inputs: object = {}) => ({
  kind: "copies",
  params: { count },
  inputs,
  outputs: ["o"],
});

const study = {
  tasks: {
    archive: made(0),
    unpacked: made(1, { part0: "archive.o" }),
    fit: { kind: "train", inputs: { images: "unpacked.o" } },
    pair: made(2, { part0: "unpacked.o", part1: "fit.log" }),
  },
  result: "pair.o",
  profiles: { single: { pair: { count: 1 } } },
};

Deno.test("--set gives an input a file or folder of the user, and what only that input needed is left out", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    mkdirSync(join(folder, "own=images"));
    writeFileSync(join(folder, "one.txt"), "");
    const path = join(folder, "own=images");
    const set = [`fit.images=${path}`, `pair.part0=${join(folder, "one.txt")}`];
    const { tasks, overrides } = await expanded(study, { set });
    assert.deepEqual(tasks.map(({ id }) => id), ["fit", "pair"]);
    assert.deepEqual(tasks[0].inputs, { images: { source: "folder", path } });
    assert.deepEqual(tasks[1].inputs.part0, { source: "file", path: join(folder, "one.txt") });
    assert.deepEqual(overrides.changes[0], { field: "fit.images", from: "unpacked.o", to: path, by: "set" });
    const some = await tasksOf(study, { set: [set[0]] });
    assert.deepEqual(Object.keys(some), ["archive", "unpacked", "fit", "pair"], "pair still needs them");
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("an optional input can be given, and taken away by an empty path", async () => {
  const own = import.meta.dirname!;
  const given = await tasksOf(study, { set: [`fit.extra=${own}`] });
  assert.deepEqual(given.fit.inputs.extra, { source: "folder", path: own });
  const taken = await tasksOf(study, { set: [`fit.extra=${own}`, "fit.extra="] });
  assert.deepEqual(taken.fit, (await tasksOf(study)).fit);
  await assertProblems(study, [/task pair, inputs\.part1: it is missing/], { set: ["pair.part1="] });
});

Deno.test("an input that the kind takes no more with the new params goes, and what was only made for it", async () => {
  const { tasks } = await expanded(study, { profile: "single" });
  assert.deepEqual(tasks.map(({ id }) => id), ["archive", "unpacked", "pair"]);
  assert.deepEqual(Object.keys(tasks[2].inputs), ["part0"]);
  const mistaken = {
    ...study,
    tasks: { ...study.tasks, pair: made(1, { part0: "fit.log", part9: "fit.log" }) },
  };
  await assertProblems(mistaken, [/task pair, inputs\.part9: there is no input/], { set: ["pair.count=1"] });
});

Deno.test("a missing file and an unknown name are problems", async () => {
  await assertProblems(study, [
    /--set fit\.images=\/nowhere\/at-all: there is no file or folder \/nowhere\/at-all/,
    /--set fit\.imagse=x: there is no param "imagse"/,
  ], { set: ["fit.images=/nowhere/at-all", "fit.imagse=x"] });
});

Deno.test("a result is an output of one task", async () => {
  assert.deepEqual((await expanded(study)).results, [{ task: "pair", output: "o", member: {} }]);
  await assertProblems({ ...study, result: "pair.x" }, [/result: there is no output of pair "x"/]);
  await assertProblems({ ...study, result: "pear.o" }, [
    /result: there is no task "pear"/,
  ]);
  const matrix = { seed: [1, 2] };
  const tasks = {
    fit: { kind: "train", params: { seed: { $axis: "seed" } }, inputs: { images: { $folder: "x" } } },
  };
  await assertProblems({ matrix, tasks, result: "fit.log" }, [/result: axis seed reaches fit/]);
});
