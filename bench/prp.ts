/**
 * Compares maps of prototype relevance propagation per second (ResNet-50 at 224² on the CPU) with PyTorch;
 * both sides alternate image by image.
 *
 *     deno run -A bench/prp.ts [protomask|protopnet|protopool|pipnet] [--rounds 6] [--threads 2] [--python python3]
 *
 * A model explains 5 prototypes of an image. ProtoMask explains each in a different view, or all in one view, and each
 * after a search for its most similar view. PyTorch's side works as published: autograd with relevance rules in place of
 * gradients, one prototype at a time. Both sides have the same weights and views and must find the same relevance. Each
 * side is a separate process; while one computes, the other waits. Speed is PyTorch's time divided by ours. Needs a Python
 * with PyTorch.
 */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type ModelDescription, modelOf, writeModel } from "../lib/models/model_folder.ts";
import { writeSafetensors } from "../lib/nn/checkpoint/safetensors_writer.ts";
import { float32 } from "../lib/tensor/host_tensor.ts";
import { RandomStream } from "../lib/tensor/random.ts";
import { IMAGENET } from "../lib/vision/normalize.ts";
import { median, Side } from "./side.ts";

/** The case that both sides prepare. */
export interface PrpCase {
  /** The folder of the model. */
  readonly folder: string;
  /** Its name. */
  readonly model: string;
  /** The blocks of each stage of its backbone. */
  readonly layers: readonly number[];
  /** The path of `views` [V, 3, H, W]. */
  readonly views: string;
  readonly threads: number;
}

/** The prototypes and their views; with `choose`, the most similar views are used instead. */
export interface PrpCommand {
  readonly pairs: [prototype: number, view: number][];
  readonly choose: boolean;
}

interface Answer {
  readonly ms: number;
  readonly sums: number[];
}

/** The largest allowed relative difference between both sides' sums of a map. */
const AGREEMENT = 1e-3;
const SIZE = 224;
const LAYERS = [3, 4, 6, 3];

/** The sizes of each model in the study of CUB-200-2011, and 5 of its prototypes. */
const CASES: Readonly<Record<string, { sizes: object; views: number; prototypes: number[] }>> = {
  protomask: {
    sizes: { prototypesPerClass: 10, depth: 1280 },
    views: 5,
    prototypes: [3, 402, 801, 1200, 1999],
  },
  protopnet: {
    sizes: { prototypesPerClass: 10, depth: 128 },
    views: 1,
    prototypes: [3, 402, 801, 1200, 1999],
  },
  protopool: {
    sizes: { prototypes: 205, slots: 10, depth: 128 },
    views: 1,
    prototypes: [3, 40, 81, 120, 199],
  },
  pipnet: { sizes: {}, views: 1, prototypes: [3, 402, 801, 1200, 1999] },
};

/** Writes the model, before training, and the views of an image. */
function writeCase(folder: string, model: string): Omit<PrpCase, "threads"> {
  const { sizes, views: count } = CASES[model];
  const description = {
    model,
    backbone: { block: "bottleneck", layers: LAYERS, width: 64, strides: [1, 2, 2, 2] },
    classes: Array.from({ length: 200 }, (_, label) => `${label}`),
    ...sizes,
    width: SIZE,
    height: SIZE,
    viewsPerImage: count,
    colors: { mean: [...IMAGENET.mean], std: [...IMAGENET.std] },
  } as ModelDescription;
  const modelFolder = join(folder, "model");
  mkdirSync(modelFolder);
  writeModel(modelFolder, description, modelOf(description).initialState(1));
  const random = new RandomStream({ seed: 1, purpose: "views" });
  const values = Float32Array.from({ length: count * 3 * SIZE * SIZE }, () => random.uniform() * 4 - 2);
  const views = join(folder, "views.safetensors");
  writeSafetensors(views, new Map([["views", float32([count, 3, SIZE, SIZE], values)]]));
  return { folder: modelFolder, model, layers: LAYERS, views };
}

/** What is measured, by name. */
function commandsFor(model: string): Record<string, PrpCommand> {
  const { prototypes, views } = CASES[model];
  const inOneView: PrpCommand["pairs"] = prototypes.map((id) => [id, 0]);
  const all = { "one view": { pairs: inOneView, choose: false } };
  if (views === 1) return all;
  return {
    "views of their own": { pairs: prototypes.map((id, i) => [id, i % views]), choose: false },
    ...all,
    "views chosen": { pairs: inOneView, choose: true },
  };
}

if (import.meta.main) {
  const { values: options, positionals: [model = "protomask"] } = parseArgs({
    args: Deno.args,
    allowPositionals: true,
    options: {
      rounds: { type: "string", default: "6" },
      threads: { type: "string", default: "2" },
      python: { type: "string", default: "python3" },
    },
  });
  if (!Object.hasOwn(CASES, model)) {
    throw new Error(`there is no model "${model}"; it must be one of ${Object.keys(CASES).join(", ")}`);
  }
  const folder = await Deno.makeTempDir();
  const shared: PrpCase = { ...writeCase(folder, model), threads: Number(options.threads) };
  const path = (name: string) => new URL(name, import.meta.url).pathname;
  const ours = new Side<Answer>(Deno.execPath(), ["run", "-A", path("./prp_worker.ts")]);
  const theirs = new Side<Answer>(options.python!, [path("./peers/prp.py")]);
  await ours.ask({ case: shared });
  await theirs.ask({ case: shared });
  for (const [name, command] of Object.entries(commandsFor(model))) {
    const [oursMs, theirsMs]: number[][] = [[], []];
    for (let round = 0; round < Number(options.rounds); round++) {
      const [a, b] = [await ours.ask(command), await theirs.ask(command)];
      a.sums.forEach((sum, i) => {
        if (Math.abs(sum - b.sums[i]) > AGREEMENT * Math.abs(b.sums[i])) {
          const [prototype] = command.pairs[i];
          throw new Error(`the map of prototype ${prototype} sums to ${sum}, PyTorch's to ${b.sums[i]}`);
        }
      });
      // The first image compiles programs and allocates memory.
      if (round === 0) continue;
      oursMs.push(a.ms);
      theirsMs.push(b.ms);
    }
    const report = (label: string, [a, b]: number[]) => {
      const rate = (ms: number) => (1000 * command.pairs.length / ms).toFixed(1);
      console.log(
        `${model}, ${name}, ${label}: ours ${rate(a)} maps/s, PyTorch ${rate(b)} maps/s: ${
          (b / a).toFixed(2)
        } ×`,
      );
    };
    report("fastest", [oursMs, theirsMs].map((times) => Math.min(...times)));
    report("median", [oursMs, theirsMs].map(median));
  }
  await Promise.all([ours.close(), theirs.close()]);
  await Deno.remove(folder, { recursive: true });
}
