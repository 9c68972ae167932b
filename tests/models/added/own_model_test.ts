/** A model of one's own in a folder outside of the project: `new model` writes it, and all commands work with it. */

import assert from "node:assert/strict";
import { copyFileSync, cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { readEvaluation } from "../../../lib/evaluate/evaluation_file.ts";
import { inProjectWithOwnKinds, outcomes, Project } from "../../flow/cli.ts";

const FLOW = `import { defineWorkflow, ownModel } from "protoflow";

const size = { width: 32, height: 32, through: "object" } as const;
const small = { seed: 1, validateEvery: 5, batchSize: 3 } as const;

export default defineWorkflow({
  name: "birds-with-mine",
  about: "a model of one's own and one of the project on drawn birds",
  tasks: {
    data: {
      kind: "dataset",
      params: { name: "birds", birds: { classes: 4, trainPerClass: 4, testPerClass: 1, size: 64 } },
    },
    train: { kind: "crop-views", params: { split: "train", ...size }, inputs: { data: "data.data" } },
    test: { kind: "crop-views", params: { split: "test", ...size }, inputs: { data: "data.data" } },
    start: {
      kind: "warm-up",
      params: {
        ...small,
        model: ownModel({ name: "mine", depth: 4 }),
        epochs: 1,
        backbone: { weights: "random", layers: [1, 1], width: 4 },
      },
      inputs: { views: "train.views" },
    },
    joint: {
      kind: "joint",
      params: { ...small, model: ownModel({ name: "mine", coefs: { clst: 0.8 } }), epochs: 4 },
      inputs: { state: "start.state", views: "train.views" },
    },
    project: { kind: "project", inputs: { state: "joint.state", views: "train.views" } },
    tune: {
      kind: "fine-tune",
      params: { ...small, model: ownModel({ name: "mine" }), epochs: 1 },
      inputs: { state: "project.state", views: "train.views" },
    },
    prp: { kind: "prp", params: { prototypes: 2 }, inputs: { model: "tune.model", views: "test.views" } },
    evaluate: {
      kind: "evaluate",
      params: { k: 2, techniques: ["general"] },
      inputs: { data: "data.data", views: "test.views", model: "tune.model", saliency: "prp.saliency" },
    },
    other: {
      kind: "warm-up",
      params: {
        ...small,
        model: { name: "protopnet" },
        backbone: { weights: "random", layers: [1, 1], width: 4 },
      },
      inputs: { views: "train.views" },
    },
  },
  profiles: { smoke: { data: { birds: { classes: 2, trainPerClass: 2 } }, joint: { epochs: 2 } } },
});
`;
const USING = ["start", "joint", "project", "tune", "prp", "evaluate"];
const MODEL = "models/mine.ts";

Deno.test("a model outside of the project is written, listed, trained, explained, measured and used", async (t) => {
  await inProjectWithOwnKinds(async (project) => {
    const made = await project.call("new", "model", "mine");
    assert.equal(made.code, 0, made.err);
    assert.match(made.out, /wrote .*models\/mine\.ts\nwrote .*protoflow\.json\nname it in a workflow/);
    project.write("flow.ts", FLOW);
    const smoke = (...args: string[]) => project.call(...args, "--profile", "smoke");
    const run = () => smoke("run", "flow.ts", "--json");

    const first = await run();
    assert.equal(first.code, 0, first.err + first.out);
    assert.ok(Object.values(outcomes(first)).every((outcome) => outcome === "ran"));

    await t.step("list shows it with its params", async () => {
      assert.match((await project.call("list", "models")).out, /\n {2}mine +compares positions/);
      assert.match((await project.call("list", "mine")).out, /\n {2}depth +whole number.*default 8\n/);
    });

    await t.step("predict and export use it, by task and by folder", () => assertUsed(project));

    await t.step("a workflow takes it from a folder, or its name from a result", () => assertTaken(project));

    await t.step("an edit of its code reruns what uses it and nothing else", async () => {
      const code = project.read(MODEL);
      project.write(MODEL, `// A comment is in no key.\n${code}`);
      const commented = await run();
      assert.ok(Object.values(outcomes(commented)).every((outcome) => outcome === "reused"), commented.out);
      project.write(MODEL, code.replace("uniform(0, 1)", "uniform(0, 0.5)"));
      const edited = outcomes(await run());
      const ran = Object.keys(edited).filter((id) => edited[id] === "ran");
      assert.deepEqual(ran.sort(), [...USING].sort());
      project.write(MODEL, code);
      assert.ok(Object.values(outcomes(await run())).every((outcome) => outcome === "reused"));
    });

    await t.step("what is wrong with it is named", () => assertRefused(project));
  });
});

async function assertUsed(project: Project): Promise<void> {
  const smoke = (...args: string[]) => project.call(...args, "--profile", "smoke");
  const got = await smoke("get", "flow.ts", "evaluate.evaluation", project.path("evaluation"));
  assert.equal(got.code, 0, got.err);
  const { samples, classes, results } = readEvaluation(project.path("evaluation/evaluation"));
  assert.ok(Number.isFinite(results.Accuracy));
  assert.equal((await smoke("get", "flow.ts", "data.data", project.path("data"))).code, 0);
  mkdirSync(project.path("photos"));
  for (const { id, image } of JSON.parse(project.read("data/data/dataset.json")).samples) {
    if (samples.some((sample) => sample.id === id)) {
      copyFileSync(join(project.path("data/data"), image), project.path(`photos/${id}.png`));
    }
  }
  const copied = await smoke("get", "flow.ts", "tune.model", project.path("copy"));
  assert.equal(copied.code, 0, copied.err);
  const { samples: all } = JSON.parse(project.read("data/data/dataset.json"));
  for (const { id, classes: [best] } of samples) {
    const box = all.find((one: { id: number }) => one.id === id).box.join();
    for (const model of ["flow.ts:tune", project.path("copy")]) {
      const args = model === "flow.ts:tune" ? ["--profile", "smoke"] : [];
      const { code, err, events } = await project.call(
        "predict",
        model,
        project.path(`photos/${id}.png`),
        ...["--box", box, "--json", ...args],
      );
      assert.equal(code, 0, err);
      assert.equal(events[0].classes[0].name, classes[best.label]);
      assert.ok(Math.abs(events[0].classes[0].logit - best.logit) <= 1e-5);
    }
  }
  const elsewhere = Deno.makeTempDirSync();
  try {
    cpSync(project.path("copy"), join(elsewhere, "copy"), { recursive: true });
    const args = (to: string) => ["export", join(elsewhere, "copy"), join(elsewhere, to)];
    // From the folder of the user, where protoflow.json is.
    assert.equal((await project.call(...args("exported"))).code, 0);
    const { code, err } = await new Project(elsewhere, {}, project.mainModule).call(...args("again"));
    assert.equal(code, 2);
    assert.match(err, /holds a model "mine", which is not known: expected protomask/);
  } finally {
    Deno.removeSync(elsewhere, { recursive: true });
  }
}

/** Two tasks that name no model of one's own: the one has a folder as an input, the other an example of another name. */
const TAKING = `import { defineWorkflow, folder, value } from "protoflow";
import flow from "./flow.ts";

const { data, train, test, prp, start } = flow.tasks;
export default defineWorkflow({
  name: "taking",
  about: "a model from a folder, and its name from a result",
  tasks: {
    data, train, test,
    prp: { ...prp, inputs: { model: folder("copy/model"), views: "test.views" } },
    choose: {
      kind: "command",
      params: {
        argv: ["sh", "-c", 'printf %s "$CHOICE" > out/o'],
        env: { CHOICE: JSON.stringify({ model: { name: "mine", depth: 4 } }) },
      },
      outputs: ["o"],
    },
    start: {
      ...start,
      params: { ...start.params, model: value("choose.o", "model", { name: "protopnet" }), epochs: 0 },
    },
  },
  profiles: { smoke: { data: { birds: { classes: 2, trainPerClass: 2 } } } },
} as never);
`;

async function assertTaken(project: Project): Promise<void> {
  project.write("taking.ts", TAKING);
  const smoke = (...args: string[]) => project.call(...args, "taking.ts", "--profile", "smoke", "--json");
  const ran = await smoke("run");
  assert.equal(ran.code, 0, ran.err + ran.out);
  assert.equal(outcomes(ran).start, "ran");
  const code = project.read(MODEL);
  project.write(MODEL, code.replace("uniform(0, 1)", "uniform(0, 0.4)"));
  const { events } = await smoke("plan");
  const toRun = events.filter(({ state }) => state === "run").map(({ id }) => id);
  assert.deepEqual(toRun.sort(), ["prp", "start"], "its code is in their keys");
  project.write(MODEL, code);
}

async function assertRefused(project: Project): Promise<void> {
  const code = project.read(MODEL);
  const refused = async (text: string, message: RegExp) => {
    project.write(MODEL, text);
    const { code, err } = await project.call("plan", "flow.ts", "--profile", "smoke");
    assert.equal(code, 2, err);
    assert.match(err, message);
  };
  await refused(
    code.replace('name: "mine"', 'name: "yours"'),
    /mine\.ts can't be used: it must export default/,
  );
  await refused(
    code.replace("joint: []", 'joint: ["projection"]'),
    /flaws has projection; only models of the study/,
  );
  await refused(`${code}\nimport "./missing.ts";\n`, /mine\.ts can't be used: .*missing\.ts/);
  project.write(MODEL, code);
  project.write("models/protopnet.ts", code.replace('name: "mine"', 'name: "protopnet"'));
  const { err } = await project.call("list");
  assert.match(err, /protopnet\.ts can't be used: "protopnet" is the name of a model of the project, too/);
  Deno.removeSync(project.path("models/protopnet.ts"));
  assert.match((await project.call("new", "model", "mine")).err, /there is a model "mine" already/);
  assert.match((await project.call("new", "model", "protomask")).err, /there is a model "protomask" already/);
  const kind = await project.call("new", "kind", "count-lines");
  assert.match(kind.out, /protoflow\.json: kinds names the folder kinds now/);
  assert.deepEqual(JSON.parse(project.read("protoflow.json")), { models: ["./models"], kinds: ["./kinds"] });
}
