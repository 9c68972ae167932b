/**
 * Compares maps of prototype relevance propagation per second (ResNet-50 at 224² on the CPU) with PyTorch;
 * both sides alternate image by image.
 *
 *     deno run -A bench/prp.ts [--rounds 6] [--threads 2] [--views 5] [--python python3]
 *
 * ProtoMask explains 5 prototypes of an image: each in a different view, or all in one view, and each case
 * also with a search for the view of each prototype. PyTorch's side works as published: autograd with
 * relevance rules in place of gradients, one prototype at a time. Both sides have the same weights and views
 * and must find the same relevance. Each side is a separate process; while one computes, the other waits.
 * Speed is PyTorch's time divided by ours. Needs a Python with PyTorch and numpy.
 */

import { join } from "node:path";
import { parseArgs } from "node:util";
import { resNetBackbone } from "../lib/models/backbone.ts";
import { protoMask } from "../lib/models/protomask.ts";
import type { ResNetConfig } from "../lib/models/resnet.ts";
import { writeSafetensors } from "../lib/nn/checkpoint/safetensors_writer.ts";
import { float32 } from "../lib/tensor/host_tensor.ts";
import { RandomStream } from "../lib/tensor/random.ts";
import { median, Side } from "./side.ts";

interface Settings {
  readonly layers: number[];
  readonly width: number;
  readonly classes: number;
  readonly perClass: number;
  readonly depth: number;
}

/** The case that both sides prepare. */
export interface PrpCase extends Settings {
  /** The path of the weights and of `views` [V, 3, H, W]. */
  readonly file: string;
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

export function backboneOf({ layers, width }: Pick<Settings, "layers" | "width">): ResNetConfig {
  return { block: "bottleneck", layers, width, strides: [1, 2, 2, 2] };
}

/** The largest allowed relative difference between both sides' sums of a map. */
const AGREEMENT = 1e-3;
const SIZE = 224;

function writeCase(file: string, settings: Settings, viewCount: number): void {
  const { classes, perClass, depth } = settings;
  const model = protoMask({
    backbone: resNetBackbone(backboneOf(settings)),
    classes,
    prototypesPerClass: perClass,
    depth,
  });
  const random = new RandomStream({ seed: 1, purpose: "views" });
  const values = Float32Array.from({ length: viewCount * 3 * SIZE * SIZE }, () => random.uniform() * 4 - 2);
  const views = float32([viewCount, 3, SIZE, SIZE], values);
  writeSafetensors(file, new Map([...model.initialState(1), ["views", views]]));
}

if (import.meta.main) {
  const { values: options } = parseArgs({
    args: Deno.args,
    options: {
      rounds: { type: "string", default: "6" },
      threads: { type: "string", default: "2" },
      views: { type: "string", default: "5" },
      python: { type: "string", default: "python3" },
    },
  });
  const settings = { layers: [3, 4, 6, 3], width: 64, classes: 200, perClass: 10, depth: 1280 };
  const viewCount = Number(options.views);
  const folder = await Deno.makeTempDir();
  const file = join(folder, "case.safetensors");
  writeCase(file, settings, viewCount);
  const path = (name: string) => new URL(name, import.meta.url).pathname;
  const ours = new Side<Answer>(Deno.execPath(), ["run", "-A", path("./prp_worker.ts")]);
  const theirs = new Side<Answer>(options.python!, [path("./peers/prp.py")]);
  const shared = { ...settings, file, threads: Number(options.threads) };
  await ours.ask({ case: shared });
  await theirs.ask({ case: shared });
  const prototypes = [3, 402, 801, 1200, 1999];
  const commands: Record<string, PrpCommand> = {
    "views of their own": { pairs: prototypes.map((id, i) => [id, i % viewCount]), choose: false },
    "one view": { pairs: prototypes.map((id) => [id, 0]), choose: false },
    "views chosen": { pairs: prototypes.map((id) => [id, 0]), choose: true },
  };
  for (const [name, command] of Object.entries(commands)) {
    const [oursMs, theirsMs]: number[][] = [[], []];
    for (let round = 0; round < Number(options.rounds); round++) {
      const [a, b] = [await ours.ask(command), await theirs.ask(command)];
      a.sums.forEach((sum, i) => {
        if (Math.abs(sum - b.sums[i]) > AGREEMENT * Math.abs(b.sums[i])) {
          throw new Error(`the map of prototype ${prototypes[i]} sums to ${sum}, PyTorch's to ${b.sums[i]}`);
        }
      });
      // The first image compiles programs and allocates memory.
      if (round === 0) continue;
      oursMs.push(a.ms);
      theirsMs.push(b.ms);
    }
    const report = (label: string, [a, b]: number[]) => {
      const rate = (ms: number) => (1000 * prototypes.length / ms).toFixed(1);
      console.log(
        `${name}, ${label}: ours ${rate(a)} maps/s, PyTorch ${rate(b)} maps/s: ${(b / a).toFixed(2)} ×`,
      );
    };
    report("fastest", [oursMs, theirsMs].map((times) => Math.min(...times)));
    report("median", [oursMs, theirsMs].map(median));
  }
  await Promise.all([ours.close(), theirs.close()]);
  await Deno.remove(folder, { recursive: true });
}
