/** Profiles and `--set`: what they replace, how text is typed, and what is recorded. */
import assert from "node:assert/strict";
import { axis, each, folder } from "../../../lib/protoflow.ts";
import { assertProblems, expanded, tasksOf } from "./expansion.ts";

const study = {
  matrix: { seed: [1, 2, 3], arch: { small: { lr: 0.5 }, large: { lr: 0.1 } } },
  tasks: {
    joint: {
      kind: "train",
      params: { seed: axis("seed"), lr: axis("arch.lr"), layers: [1, 2, 3] },
      inputs: { images: folder("images") },
    },
    rows: { kind: "table", inputs: { rows: each("joint.log", "seed", "arch") } },
  },
  profiles: {
    smoke: { matrix: { seed: [1], arch: ["small"] }, joint: { coefs: { sep: -1 }, layers: [1] } },
    paper: { joint: { note: "as published" } },
  },
};

const paramsOf = async (set: string[], profile?: string) =>
  Object.values(await tasksOf(study, { set: ["matrix.seed=1", "matrix.arch=small", ...set], profile }))[0]
    .params;

Deno.test("a profile replaces values, fields of objects one by one, and axes", async () => {
  const { tasks, overrides } = await expanded(study, { profile: "smoke" });
  assert.deepEqual(tasks.map(({ id }) => id), ["joint[seed=1,arch=small]", "rows"]);
  assert.deepEqual(tasks[0].params.coefs, { sep: -1, clst: 0.8 });
  assert.deepEqual(tasks[0].params.layers, [1]);
  assert.deepEqual(overrides, {
    profile: "smoke",
    set: [],
    changes: [
      { field: "matrix.seed", from: [1, 2, 3], to: [1], by: "profile" },
      { field: "matrix.arch", from: ["small", "large"], to: ["small"], by: "profile" },
      { field: "joint.coefs.sep", from: -0.08, to: -1, by: "profile" },
      { field: "joint.layers", from: [1, 2, 3], to: [1], by: "profile" },
    ],
  });
});

Deno.test("--set comes after the profile, and the last one counts", async () => {
  const { tasks, overrides } = await expanded(study, {
    profile: "smoke",
    set: ["joint.coefs.sep=0.5", "joint.coefs.sep=0.25"],
  });
  assert.deepEqual(tasks[0].params.coefs, { sep: 0.25, clst: 0.8 });
  assert.deepEqual(overrides.set, ["joint.coefs.sep=0.5", "joint.coefs.sep=0.25"]);
  assert.deepEqual(overrides.changes.at(-1), { field: "joint.coefs.sep", from: 0.5, to: 0.25, by: "set" });
});

Deno.test("--set types text by the schema of the kind", async () => {
  const params = await paramsOf([
    "joint.seed=7",
    "joint.lr=1e-3",
    "joint.encoder=vgg",
    "joint.frozen=true",
    "joint.note=12",
    "joint.layers=4,5",
    `joint.coefs={"sep": 1, "clst": 2}`,
  ]);
  assert.deepEqual(params, {
    seed: 7,
    lr: 0.001,
    encoder: "vgg",
    frozen: true,
    note: "12",
    layers: [4, 5],
    coefs: { sep: 1, clst: 2 },
  });
});

Deno.test("--set reads lists as JSON, with commas, empty, and by position", async () => {
  assert.deepEqual((await paramsOf(["joint.layers=[6]"])).layers, [6]);
  assert.deepEqual((await paramsOf(["joint.layers=6"])).layers, [6]);
  assert.deepEqual((await paramsOf(["joint.layers="])).layers, []);
  assert.deepEqual((await paramsOf(["joint.layers.1=9"])).layers, [1, 9, 3]);
  assert.deepEqual((await paramsOf(["joint.note=a=b"])).note, "a=b");
});

Deno.test("a value in place of an axis takes the task off the axis, and fan-in over it goes on", async () => {
  const tasks = await tasksOf(study, { set: ["joint.seed=9"] });
  assert.deepEqual(Object.keys(tasks), ["joint[arch=small]", "joint[arch=large]", "rows"]);
  const alone = await tasksOf(study, { set: ["joint.seed=9", "joint.lr=1"] });
  assert.deepEqual(alone.rows.inputs.rows, [{ task: "joint", output: "log", label: "0" }]);
});

Deno.test("--set chooses values of axes, also new ones, and variants by name", async () => {
  const tasks = await tasksOf(study, { set: ["matrix.seed=2,40", "matrix.arch=large"] });
  assert.deepEqual(Object.keys(tasks), ["joint[seed=2,arch=large]", "joint[seed=40,arch=large]", "rows"]);
  assert.equal(tasks["joint[seed=40,arch=large]"].params.seed, 40);
});

Deno.test("--set gives an axis all whole numbers of a range", async () => {
  const { tasks } = await expanded(study, { set: ["matrix.seed=3..5,9"] });
  const seeds = new Set(tasks.flatMap(({ member }) => member.seed ?? []));
  assert.deepEqual([...seeds], ["3", "4", "5", "9"]);
  await assertProblems(study, [/5\.\.3/], { set: ["matrix.seed=5..3"] });
});

Deno.test("an override of an axis leaves out the combinations that were let in for other values", async () => {
  const definition = { ...study, include: [{ seed: 77, arch: "small" }], exclude: [{ seed: 1 }] };
  assert.ok("joint[seed=77,arch=small]" in await tasksOf(definition));
  const tasks = await tasksOf(definition, { set: ["matrix.seed=2,3"] });
  assert.ok(!("joint[seed=77,arch=small]" in tasks) && "joint[seed=2,arch=small]" in tasks);
});

Deno.test("mistakes in --set are told all at once", async () => {
  await assertProblems(study, [
    /--set jiont\.lr=1: there is no task "jiont".*did you mean joint/,
    /--set joint\.ler=1: there is no param "ler".*did you mean lr/,
    /--set joint\.coefs\.spe=1: there is no param "spe".*did you mean sep/,
    /--set joint\.lr\.x=1: there is no param "x"/,
    /--set joint: .*expected task\.param=value/,
    /--set matrix\.sed=1: there is no axis "sed".*did you mean seed/,
    /--set matrix\.seed=a: .*given "a", expected a number/,
    /--set matrix\.seed=1,1: .*each once/,
    /--set matrix\.arch=smal: there is no variant of arch "smal".*did you mean small/,
    /--set joint\.layers\.7=1: the list has 3 values/,
    /--set joint\.frozen=perhaps: it is not valid \(given "perhaps", expected a value of type boolean\)/,
  ], {
    set: [
      "jiont.lr=1",
      "joint.ler=1",
      "joint.coefs.spe=1",
      "joint.lr.x=1",
      "joint",
      "matrix.sed=1",
      "matrix.seed=a",
      "matrix.seed=1,1",
      "matrix.arch=smal",
      "joint.layers.7=1",
      "joint.frozen=perhaps",
    ],
  });
});

Deno.test("a part of a value that comes from an axis can't be set", async () => {
  const tasks = { a: { kind: "train", params: { coefs: axis("c.all") }, inputs: { images: folder("x") } } };
  await assertProblems({ matrix: { c: { one: { all: { sep: 1, clst: 2 } } } }, tasks }, [
    /--set a\.coefs\.sep=3: coefs comes from axis c\.all/,
  ], { set: ["a.coefs.sep=3"] });
});

Deno.test("names in profiles are checked, whether they are chosen or not", async () => {
  const profiles = { smoke: { jiont: {}, joint: { ler: 1 }, matrix: { sed: [1] } } };
  const patterns = [
    /profiles\.smoke: there is no task "jiont"/,
    /profiles\.smoke\.joint: there is no param "ler"/,
    /profiles\.smoke\.matrix: there is no axis "sed"/,
  ];
  await assertProblems({ ...study, profiles }, patterns);
  await assertProblems(study, [/--profile smoek: there is no profile "smoek".*did you mean smoke/], {
    profile: "smoek",
  });
});

Deno.test("several values where one is expected make an axis of the param", async () => {
  const { tasks, overrides, results } = await expanded({ ...study, result: "rows.csv" }, {
    set: ["matrix.seed=1", "matrix.arch=small", "joint.coefs.sep=0.1,0.2", "joint.encoder=vgg,resnet"],
  });
  assert.deepEqual(tasks.map(({ id }) => id), [
    "joint[seed=1,arch=small,sep=0.1,encoder=vgg]",
    "joint[seed=1,arch=small,sep=0.1,encoder=resnet]",
    "joint[seed=1,arch=small,sep=0.2,encoder=vgg]",
    "joint[seed=1,arch=small,sep=0.2,encoder=resnet]",
    "rows[sep=0.1,encoder=vgg]",
    "rows[sep=0.1,encoder=resnet]",
    "rows[sep=0.2,encoder=vgg]",
    "rows[sep=0.2,encoder=resnet]",
  ]);
  assert.deepEqual(tasks[2].params.coefs, { sep: 0.2, clst: 0.8 });
  assert.deepEqual(overrides.changes[2], {
    field: "joint.coefs.sep",
    from: -0.08,
    to: [0.1, 0.2],
    by: "set",
    axis: "sep",
  });
  assert.deepEqual(results[1], {
    task: "rows[sep=0.1,encoder=resnet]",
    output: "csv",
    member: { sep: "0.1", encoder: "resnet" },
  });
});

Deno.test("an axis that --set makes has a name of its own, and included combinations get its values", async () => {
  const matrix = { lr: [1, 2], sep: ["a"] };
  const tasks = {
    joint: { ...study.tasks.joint, params: { lr: axis("lr"), note: axis("sep") } },
  };
  const ids = async (set: string[], more: object = {}) =>
    (await expanded({ matrix, tasks, ...more }, { set })).tasks.map(({ id }) => id);
  assert.deepEqual(await ids(["joint.coefs.sep=0.1,0.2", "matrix.lr=1"]), [
    "joint[lr=1,sep=a,coefs-sep=0.1]",
    "joint[lr=1,sep=a,coefs-sep=0.2]",
  ]);
  assert.deepEqual(
    (await ids(["joint.seed=5,6", "matrix.lr=1"], { include: [{ lr: 1, sep: "b" }] })).slice(2),
    [
      "joint[lr=1,sep=b,seed=5]",
      "joint[lr=1,sep=b,seed=6]",
    ],
  );
});

Deno.test("a text, a list, equal values and a param of an axis are taken as they were", async () => {
  assert.equal((await paramsOf(["joint.note=a,b"])).note, "a,b");
  assert.deepEqual((await paramsOf(["joint.layers=4,5"])).layers, [4, 5]);
  await assertProblems(study, [/joint\.frozen=true,true.*/], { set: ["joint.frozen=true,true"] });
  await assertProblems(study, [/joint\.coefs\.sep=0\.1,x.*/], { set: ["joint.coefs.sep=0.1,x"] });
  await assertProblems(study, [/it comes from axis seed; use --set matrix\.seed=VALUE,VALUE/], {
    set: ["joint.seed=1,2"],
  });
});
