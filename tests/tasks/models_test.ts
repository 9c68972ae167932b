/** The training kinds with every model, on small pictures: what each model sees, its projection, and its keys. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { writeViews } from "../../lib/data/views/views_file.ts";
import { readModel } from "../../lib/models/model_folder.ts";
import { readPrototypes } from "../../lib/models/projection/prototype_list.ts";
import { readEpochs } from "../../lib/models/training/state/state_files.ts";
import { outcomes, type Result, resultOf } from "../flow/cli.ts";
import { spawnMain } from "./run.ts";

const SIZE = 32;

/** Images of three classes, each a flat colour with a pattern, one view of each. */
function writePictures(folder: string, split: "train" | "test", images: number): void {
  Deno.mkdirSync(folder);
  const rectangle = { left: 0, top: 0, width: SIZE, height: SIZE };
  const samples = Array.from({ length: images }, (_, id) => ({
    id,
    name: `class${id % 3}/${split}${id}`,
    label: id % 3,
    width: SIZE,
    height: SIZE,
    firstRow: id,
    rows: [{ mask: 0, rectangle }],
    views: [0],
  }));
  const head = { split, width: SIZE, height: SIZE, viewsPerImage: 1, classes: ["a", "b", "c"] };
  const pixels = samples.map(({ id, label }) =>
    Uint8Array.from({ length: 3 * SIZE * SIZE }, (_, i) => (i % 3 === label ? 200 : 20) + (i * (id + 3)) % 31)
  );
  writeViews(folder, { ...head, classWeights: [1, 1, 1], samples }, pixels);
}

const SIZES: Record<string, object> = {
  protopnet: { prototypesPerClass: 2, depth: 8 },
  protopool: { prototypes: 5, slots: 2, depth: 8 },
  pipnet: {},
};

function workflow(name: string, segment: number): string {
  const common = { seed: 7, batchSize: 4, validateEvery: 2, segment };
  const model = { name };
  const views = 'views: folder("train")';
  const held = 'validation: folder("test")';
  const backbone = { weights: "random", layers: [1, 1], width: 2 };
  const task = (kind: string, params: object, inputs: string) =>
    `{ kind: "${kind}", params: ${JSON.stringify(params)}, inputs: { ${inputs} } }`;
  const warm = { ...common, model: { name, ...SIZES[name] }, epochs: 2, backbone };
  const isProjected = name === "protopnet";
  return `import { defineWorkflow, folder } from "protoflow";
export default defineWorkflow({ name: "tiny", about: "a test", tasks: {
  warm: ${task("warm-up", warm, `${views}, ${held}`)},
  joint: ${task("joint", { ...common, model, epochs: 3 }, `state: "warm.state", ${views}, ${held}`)},
  ${isProjected ? `project: ${task("project", {}, `state: "joint.state", ${views}`)},` : ""}
  tune: ${
    task(
      "fine-tune",
      { ...common, model, epochs: 2 },
      `state: "${isProjected ? "project" : "joint"}.state", ${views}`,
    )
  },
  images: ${task("prototype-images", { images: 2 }, `model: "tune.model", ${views}`)},
} } as never);
`;
}

class Training {
  constructor(readonly folder: string, name: string, segment = 10) {
    writePictures(join(folder, "train"), "train", 10);
    writePictures(join(folder, "test"), "test", 7);
    this.define(name, segment);
  }

  define(name: string, segment: number): void {
    Deno.writeTextFileSync(join(this.folder, "tiny.ts"), workflow(name, segment));
  }

  call(store: string, ...args: string[]): Promise<Result> {
    return resultOf(spawnMain(this.folder, store, ...args));
  }

  async output(store: string, output: string): Promise<string> {
    const folder = join(this.folder, `${store} ${output}`);
    const { code, err } = await this.call(store, "get", "tiny.ts", output, folder);
    assert.equal(code, 0, err);
    return join(folder, output.split(".")[1]);
  }
}

for (const name of Object.keys(SIZES)) {
  Deno.test(`${name} is trained by the same kinds, in one piece and in several, with the same bits`, async () => {
    const folder = Deno.makeTempDirSync();
    try {
      const training = new Training(folder, name);
      const run = await training.call("whole", "run", "tiny.ts", "--json");
      assert.equal(run.code, 0, run.err + run.out);
      assert.ok(Object.values(outcomes(run)).every((outcome) => outcome === "ran"));
      const epochs = readEpochs(await training.output("whole", "tune.log"));
      assert.deepEqual(epochs.map(({ phase }) => phase), [
        ...["warmup", "warmup", "joint", "joint", "joint", "fine_tune", "fine_tune"],
      ]);
      assert.ok(epochs.every(({ train }) => Number.isFinite(train.loss)));
      const { description, state } = readModel(await training.output("whole", "tune.model"));
      assert.equal(description.model, name);
      const prototypes = name === "pipnet"
        ? state.get("last_layer.weight")!.shape[1]
        : name === "protopool"
        ? 5
        : 6;
      const images = readPrototypes(await training.output("whole", "images.prototypes"));
      assert.equal(images.length, 2 * prototypes);
      assert.ok(images.every(({ position }) => position !== undefined));
      if (name === "protopnet") {
        const projected = readPrototypes(await training.output("whole", "project.prototypes"));
        assert.deepEqual(projected.map(({ prototype }) => prototype).sort(), [0, 1, 2, 3, 4, 5]);
        for (const { prototype, name, view } of projected) {
          assert.ok(name!.startsWith(`class${Math.floor(prototype / 2)}/`));
          assert.equal(view, 0);
        }
      }

      training.define(name, 1);
      await training.call("cut", "run", "tiny.ts", "--json");
      for (const output of ["tune.model", "images.prototypes"]) {
        const digest = async (store: string) => {
          const [{ record }] =
            (await training.call(store, "show", "tiny.ts", output.split(".")[0], "--json")).events;
          return record.outputs;
        };
        assert.deepEqual(await digest("cut"), await digest("whole"));
      }
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  });
}

Deno.test("a phase refuses the state of another model, and says what to do", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const training = new Training(folder, "protopnet");
    const text = workflow("protopnet", 10).replace(
      '"joint", params: {"seed":7,"batchSize":4,"validateEvery":2,' +
        '"segment":10,"model":{"name":"protopnet"}',
      '"joint", params: {"seed":7,"batchSize":4,"validateEvery":2,' +
        '"segment":10,"model":{"name":"pipnet"}',
    );
    Deno.writeTextFileSync(join(folder, "tiny.ts"), text);
    const { code, out, err } = await training.call("store", "run", "tiny.ts", "joint");
    assert.equal(code, 1);
    assert.match(out + err, /the state is of the model protopnet, but the param model\.name is pipnet/);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
