/**
 * Compares an epoch of each model's joint phase, and of PIP-Net's warm-up, on the CPU with the same loop in
 * PyTorch; both sides alternate epoch by epoch.
 *
 *     deno run -A bench/epoch.ts [--size small|resnet50] [--rounds 6] [--threads 2] [--channels-last]
 *                                [--python python3] [MODEL…]
 *
 * MODEL is protomask, protopnet, protopool, pipnet or pipnet-warmup; default: all. With `small`, a ResNet of width 16 with one
 * bottleneck per stage is trained on 256 views of 64² (ProtoMask: 384); with `resnet50`, an epoch is one step with 8 views of
 * 224² and the study's head. Both sides begin with the same weights and hold the same views as bytes in memory;
 * their losses of the first batch, and the means over the first epoch, must agree. In the small case our side also
 * reads and augments views by the loader's threads, with and without the network, which shows whether the
 * loader is the bottleneck. Each side is a separate process; while one computes, the other waits. Ratios are
 * PyTorch's time divided by ours, by the wall clock and in CPU time, and PyTorch's peak memory divided by ours.
 * On a machine with other load, only the CPU time of one thread is meaningful, since waiting threads spin.
 * With --channels-last, PyTorch's images and weights have this memory format, which is faster but not its
 * default. Needs a Python with PyTorch for the CPU.
 */

import { join } from "node:path";
import { parseArgs } from "node:util";
import { type EpochCase, epochCase, EPOCHS } from "./epoch_case.ts";
import { extraOf, ratesOf } from "./epoch_model.ts";
import { median, Side } from "./side.ts";

/** The case that both sides prepare. */
export interface EpochSettings extends EpochCase {
  /** The path of the weights, views and labels, which our side writes. */
  readonly file: string;
  readonly threads: number;
  readonly channelsLast: boolean;
  /** Learning rates by group. */
  readonly rates: Readonly<Record<string, number>>;
  /** The names of the extra inputs in the file. */
  readonly extra: readonly string[];
}

interface Answer {
  readonly ms: number;
  readonly cpuMs: number;
  /** Peak resident memory since the case was prepared. */
  readonly peakMb: number;
  readonly firstLoss: number;
  readonly loss: number;
}

/** The largest allowed relative differences of the first batch's losses and of the first epoch's means. */
const SAME_BATCH = 1e-4;
const SAME_EPOCH = 1e-2;

const { values: options, positionals } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: {
    size: { type: "string", default: "small" },
    rounds: { type: "string", default: "6" },
    threads: { type: "string", default: "2" },
    "channels-last": { type: "boolean", default: false },
    python: { type: "string", default: "python3" },
  },
});

function checkAgreement(name: string, ours: Answer, theirs: Answer): void {
  const far = (a: number, b: number, bound: number) => !(Math.abs(a - b) <= bound * Math.abs(b));
  const both = (a: number, b: number) => `ours ${a.toFixed(5)}, PyTorch ${b.toFixed(5)}`;
  const line = `loss of the first batch: ${both(ours.firstLoss, theirs.firstLoss)}; ` +
    `mean of the first epoch: ${both(ours.loss, theirs.loss)}`;
  console.log(`${name.padEnd(13)} ${line}`);
  if (far(ours.firstLoss, theirs.firstLoss, SAME_BATCH) || far(ours.loss, theirs.loss, SAME_EPOCH)) {
    throw new Error(`both sides of ${name} must compute the same loss; the sides do not do the same work`);
  }
}

async function compare(settings: EpochSettings): Promise<void> {
  const { model, phase, images, views } = settings;
  const name = phase === "joint" ? model : `${model}-${phase}`;
  const path = (name: string) => new URL(name, import.meta.url).pathname;
  const ours = new Side<Answer>(Deno.execPath(), ["run", "-A", path("./epoch_worker.ts")]);
  const theirs = new Side<Answer>(options.python!, [path("./peers/epoch.py")]);
  await ours.ask({ case: settings });
  await theirs.ask({ case: settings });
  const augmented = options.size === "small";
  const [first, second, through, alone]: Answer[][] = [[], [], [], []];
  for (let round = 0; round < Number(options.rounds); round++) {
    const [a, b] = [await ours.ask({ epoch: "memory" }), await theirs.ask({})];
    // The first epoch compiles programs and allocates memory.
    if (round === 0) {
      checkAgreement(name, a, b);
      continue;
    }
    first.push(a);
    second.push(b);
    if (!augmented) continue;
    through.push(await ours.ask({ epoch: "loader" }));
    alone.push(await ours.ask({ epoch: "loading" }));
  }
  await Promise.all([ours.close(), theirs.close()]);
  const report = (label: string, of: (answers: Answer[]) => number, unit: string) => {
    const [a, b] = [of(first), of(second)];
    console.log(
      `${name.padEnd(13)} ${label.padEnd(17)} ours ${a.toFixed(0)} ${unit}, PyTorch ${
        b.toFixed(0)
      } ${unit}: ` +
        `${(b / a).toFixed(2)} ×`,
    );
  };
  report("time, fastest", (answers) => Math.min(...answers.map(({ ms }) => ms)), "ms");
  report("time, median", (answers) => median(answers.map(({ ms }) => ms)), "ms");
  report("CPU time, fastest", (answers) => Math.min(...answers.map(({ cpuMs }) => cpuMs)), "ms");
  report("peak memory", (answers) => Math.max(...answers.map(({ peakMb }) => peakMb)), "MB");
  if (!augmented) return;
  const rate = (answers: Answer[]) =>
    (1000 * images * views / median(answers.map(({ ms }) => ms))).toFixed(0);
  console.log(
    `${name.padEnd(13)} with augmentation ${rate(through)} views/s; the loader alone ${rate(alone)} views/s`,
  );
}

if (import.meta.main) {
  for (const name of positionals.length > 0 ? positionals : EPOCHS) {
    const chosen = epochCase(options.size!, name);
    const folder = await Deno.makeTempDir();
    try {
      await compare({
        ...chosen,
        file: join(folder, "case.safetensors"),
        threads: Number(options.threads),
        channelsLast: options["channels-last"]!,
        rates: ratesOf(chosen),
        extra: extraOf(chosen),
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }
}
