/**
 * Compares an epoch of ProtoMask's joint phase on the CPU with the same loop in PyTorch; both sides alternate
 * epoch by epoch.
 *
 *     deno run -A bench/epoch.ts [--rounds 6] [--images 160] [--threads 2] [--python python3]
 *
 * The model is a ResNet of width 16 with one bottleneck per stage; images have 6 views of 64²; micro-batches
 * have 16 images, with a step of Adam after every 4. Both sides hold the views as bytes in memory and
 * normalise them. In addition, our side reads and augments views by the loader's threads, with and without
 * the network, which shows whether the loader is the bottleneck. Each side is a separate process; while one
 * computes, the other waits. Speed is PyTorch's time divided by ours. Needs a Python with PyTorch for the
 * CPU.
 */

import { parseArgs } from "node:util";
import { median, Side } from "./side.ts";

const { values: options } = parseArgs({
  args: Deno.args,
  options: {
    rounds: { type: "string", default: "6" },
    images: { type: "string", default: "160" },
    threads: { type: "string", default: "2" },
    python: { type: "string", default: "python3" },
  },
});

/** The training of both sides. */
export interface EpochCase {
  readonly layers: number[];
  readonly width: number;
  readonly classes: number;
  readonly perClass: number;
  readonly depth: number;
  readonly views: number;
  readonly size: number;
  readonly batch: number;
  readonly accumulate: number;
  readonly images: number;
  readonly threads: number;
}

interface Answer {
  readonly ms: number;
  readonly loss?: number;
}

if (import.meta.main) {
  const settings: EpochCase = {
    layers: [1, 1, 1, 1],
    width: 16,
    classes: 10,
    perClass: 10,
    depth: 128,
    views: 6,
    size: 64,
    batch: 16,
    accumulate: 4,
    images: Number(options.images),
    threads: Number(options.threads),
  };
  const path = (name: string) => new URL(name, import.meta.url).pathname;
  const ours = new Side<Answer>(Deno.execPath(), ["run", "-A", path("./epoch_worker.ts")]);
  const theirs = new Side<Answer>(options.python!, [path("./peers/epoch.py")]);
  await ours.ask({ case: settings });
  await theirs.ask({ case: settings });
  const [oursMs, theirsMs, throughMs, aloneMs]: number[][] = [[], [], [], []];
  for (let round = 0; round < Number(options.rounds); round++) {
    const [a, b] = [await ours.ask({ epoch: "memory" }), await theirs.ask({})];
    const [through, alone] = [await ours.ask({ epoch: "loader" }), await ours.ask({ epoch: "loading" })];
    // The first epoch compiles programs and allocates memory.
    if (round === 0) continue;
    oursMs.push(a.ms);
    theirsMs.push(b.ms);
    throughMs.push(through.ms);
    aloneMs.push(alone.ms);
  }
  await Promise.all([ours.close(), theirs.close()]);
  const rate = (ms: number) => (1000 * settings.images / ms).toFixed(0);
  const report = (label: string, a: number, b: number) => {
    console.log(
      `epoch of ${settings.images} images, ${label}: ours ${a.toFixed(0)} ms (${
        rate(a)
      } images/s), PyTorch ` +
        `${b.toFixed(0)} ms (${rate(b)} images/s): ${(b / a).toFixed(2)} ×`,
    );
  };
  report("fastest", Math.min(...oursMs), Math.min(...theirsMs));
  report("median", median(oursMs), median(theirsMs));
  console.log(
    `with augmentation, median: ${rate(median(throughMs))} images/s; the loader alone ${
      rate(median(aloneMs))
    } images/s`,
  );
}
