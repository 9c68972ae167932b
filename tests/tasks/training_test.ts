/** The kinds of a training through the command line: however it is cut, the results are the same. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { writeViews } from "../data/views/write_views.ts";
import { readModel } from "../../lib/models/model_folder.ts";
import { readEpochs } from "../../lib/models/training/state/state_files.ts";
import { RandomStream } from "../../lib/tensor/random.ts";
import { outcomes, type Result, resultOf } from "../flow/cli.ts";
import { spawnMain } from "./run.ts";

const SIZE = 32;

/** Views of three classes of noisy patterns, two an image. */
function writePatterns(folder: string, split: "train" | "test", count: number): void {
  Deno.mkdirSync(folder);
  const bytes = SIZE * SIZE * 3;
  const rectangle = { left: 0, top: 0, width: SIZE, height: SIZE };
  const samples = Array.from({ length: count }, (_, id) => ({
    id,
    name: `class${id % 3}/${id}.png`,
    label: id % 3,
    width: SIZE,
    height: SIZE,
    rows: [{ mask: 0, rectangle }, { mask: 1, rectangle }],
    views: [0, 1],
  }));
  function* pixels() {
    for (const { id, label } of samples) {
      const pattern = new RandomStream({ seed: 0, purpose: "pattern", index: label });
      const noise = new RandomStream({ seed: split === "train" ? 1 : 2, purpose: "noise", index: id });
      yield Uint8Array.from({ length: 2 * bytes }, () => pattern.integer(200) + noise.integer(56));
    }
  }
  const index = {
    split,
    width: SIZE,
    height: SIZE,
    viewsPerImage: 2,
    classes: ["a", "b", "c"],
    classWeights: [1, 1, 1],
  };
  writeViews(folder, { ...index, samples }, pixels());
}

function workflow(segment: number): string {
  const common = { seed: 7, batchSize: 4, accumulateBatches: 2, validateEvery: 3, segment };
  const views = 'views: folder("train")';
  const held = 'validation: folder("test")';
  const backbone = { weights: "random", layers: [1, 1, 1, 1], width: 2 };
  const name = "protomask" as const;
  const warm = { ...common, model: { name, depth: 8, prototypesPerClass: 2 }, backbone };
  const joint = { ...common, epochs: 4, model: { name, learningRates: { backbone: 1e-3 } } };
  return `import { defineWorkflow, folder } from "protoflow";
export default defineWorkflow({ name: "tiny", about: "a test", tasks: {
  warm: { kind: "warm-up", params: ${JSON.stringify(warm)}, inputs: { ${views}, ${held} } },
  joint: { kind: "joint", params: ${
    JSON.stringify(joint)
  }, inputs: { state: "warm.state", ${views}, ${held} } },
  project: { kind: "project", params: { batchSize: 4 }, inputs: { state: "joint.state", ${views} } },
  tune: { kind: "fine-tune", params: ${
    JSON.stringify({ ...common, model: { name }, epochs: 2 })
  }, inputs: { state: "project.state", ${views}, ${held} } },
} } as never);
`;
}

class Training {
  constructor(readonly folder: string) {
    writePatterns(join(folder, "train"), "train", 10);
    writePatterns(join(folder, "test"), "test", 6);
  }

  spawn(store: string, ...args: string[]): Deno.ChildProcess {
    return spawnMain(this.folder, store, ...args);
  }

  async call(store: string, ...args: string[]): Promise<Result> {
    const result = await resultOf(this.spawn(store, ...args));
    assert.equal(result.code, 0, result.err + result.out);
    return result;
  }

  segments(length: number): void {
    Deno.writeTextFileSync(join(this.folder, "tiny.ts"), workflow(length));
  }

  /** The keys of the actions and the digests of all that they made. */
  async results(store: string): Promise<Record<string, unknown>> {
    const found: Record<string, unknown> = {};
    for (const id of ["warm", "joint", "project", "tune"]) {
      const { events: [{ key, record }] } = await this.call(store, "show", "tiny.ts", id, "--json");
      found[id] = { key, outputs: record.outputs };
    }
    return found;
  }

  async get(store: string, output: string): Promise<string> {
    const folder = join(this.folder, `got ${output}`);
    await this.call(store, "get", "tiny.ts", output, folder);
    return folder;
  }
}

async function inTraining(body: (training: Training) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync();
  try {
    await body(new Training(folder));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("a training gives the same bits in one piece and in several", async () => {
  await inTraining(async (training) => {
    training.segments(10);
    const run = await training.call("whole", "run", "tiny.ts", "--json");
    assert.deepEqual(outcomes(run), { warm: "ran", joint: "ran", project: "ran", tune: "ran" });
    const whole = await training.results("whole");

    training.segments(1);
    await training.call("cut", "run", "tiny.ts", "--json");
    assert.deepEqual(await training.results("cut"), whole);

    const epochs = readEpochs(join(await training.get("whole", "tune.log"), "log"));
    assert.deepEqual(epochs.map(({ epoch, phase }) => [epoch, phase]), [
      [0, "joint"],
      [1, "joint"],
      [2, "joint"],
      [3, "joint"],
      [4, "fine_tune"],
      [5, "fine_tune"],
    ]);
    assert.deepEqual(epochs.map(({ validation }) => validation !== undefined), [
      false,
      false,
      true,
      false,
      false,
      true,
    ]);
    const { state, description } = readModel(join(await training.get("whole", "tune.model"), "model"));
    assert.deepEqual(description.classes, ["a", "b", "c"]);
    assert.equal(state.get("last_layer.weight")!.shape.join(), "3,6");
    const sources = JSON.parse(
      Deno.readTextFileSync(join(await training.get("whole", "project.prototypes"), "prototypes")),
    );
    assert.equal(sources.length, 6);
    for (const { prototype, name } of sources) {
      assert.ok(name.startsWith(`class${Math.floor(prototype / 2)}/`));
    }
  });
});

Deno.test("a training runs on TensorFlow.js, and leads to the same figures", async () => {
  await inTraining(async (training) => {
    training.segments(4);
    const epochs = async (store: string, ...runtime: string[]) => {
      await training.call(store, "run", "tiny.ts", "joint", ...runtime);
      const folder = join(training.folder, store, "log");
      await training.call(store, "get", "tiny.ts", "joint.log", folder, ...runtime);
      const [{ manifest }] =
        (await training.call(store, "show", "tiny.ts", "joint", "--json", ...runtime)).events;
      return { epochs: readEpochs(join(folder, "log")), runtime: manifest.runtime };
    };
    const [ort, tfjs] = [await epochs("ort"), await epochs("tfjs", "--runtime", "tfjs")];
    assert.deepEqual(tfjs.runtime, { ...ort.runtime, runtime: "tfjs" });
    assert.equal(tfjs.epochs.length, ort.epochs.length);
    for (const [i, { train }] of tfjs.epochs.entries()) {
      const expected = ort.epochs[i].train.loss;
      assert.ok(Math.abs(train.loss - expected) < 1e-2 * expected, `epoch ${i}: ${train.loss}, ${expected}`);
    }
    // The bits differ, so that it was another runtime indeed.
    assert.notDeepEqual(
      tfjs.epochs.map(({ train }) => train.loss),
      ort.epochs.map(({ train }) => train.loss),
    );
  });
});

Deno.test("a phase is bound to the forms that were measured for it", async () => {
  await inTraining(async (training) => {
    const common = { seed: 7, batchSize: 4, accumulateBatches: 2 };
    const backbone = { weights: "random", layers: [1, 1], width: 16 };
    const views = 'views: folder("train")';
    Deno.writeTextFileSync(
      join(training.folder, "tiny.ts"),
      `import { defineWorkflow, file, folder } from "protoflow";
export default defineWorkflow({ name: "tiny", about: "a test", tasks: {
  warm: { kind: "warm-up", params: ${
        JSON.stringify({ ...common, model: { name: "protomask", depth: 8, prototypesPerClass: 1 }, backbone })
      }, inputs: { ${views} } },
  tune: { kind: "tune", params: { batchSize: 4 }, inputs: { model: "warm.model" } },
  joint: { kind: "joint", params: ${
        JSON.stringify({ ...common, model: { name: "protomask" }, epochs: 1 })
      }, inputs: { state: "warm.state", ${views}, forms: "tune.forms" } },
  other: { kind: "joint", params: ${
        JSON.stringify({ ...common, model: { name: "protomask" }, epochs: 1 })
      }, inputs: { state: "warm.state", ${views}, forms: file("other.json") } },
} } as never);
`,
    );
    Deno.writeTextFileSync(join(training.folder, "other.json"), '["blocked"]');
    const { events, code } = await resultOf(training.spawn("store", "run", "tiny.ts", "--json"));
    assert.equal(code, 1);
    const outcome = (id: string) => events.find((event) => event.id === id && event.outcome)!;
    assert.deepEqual(["tune", "joint", "other"].map((id) => outcome(id).outcome), ["ran", "ran", "failed"]);
    assert.match(
      Deno.readTextFileSync(outcome("other").log),
      /can't be read as a table of forms, .*: expected record, received array/,
    );
    const forms = JSON.parse(Deno.readTextFileSync(join(await training.get("store", "tune.forms"), "forms")));
    assert.ok(Object.values(forms).every((form) => typeof form === "string"));
    const [{ manifest }] = (await training.call("store", "show", "tiny.ts", "joint", "--json")).events;
    const [{ record }] = (await training.call("store", "show", "tiny.ts", "tune", "--json")).events;
    assert.equal(manifest.inputs.forms, record.outputs.forms.digest);
  });
});

Deno.test("views that do not fit the model are refused by name", async () => {
  await inTraining(async (training) => {
    training.segments(4);
    const index = join(training.folder, "test", "views.json");
    Deno.writeTextFileSync(index, Deno.readTextFileSync(index).replace('["a","b","c"]', '["a","b","d"]'));
    const { code, out } = await resultOf(training.spawn("store", "run", "tiny.ts"));
    assert.equal(code, 1);
    assert.match(out, /number 2 "d", but the model was made for 3, number 2 "c"/);
  });
});
