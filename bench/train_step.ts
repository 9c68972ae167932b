/**
 * Compares the speed and memory of ResNets on the CPU with PyTorch; both sides alternate step by step.
 *
 *     deno run -A bench/train_step.ts [--rounds 12] [--threads 2] [--python python3] [--tune] [CASE…]
 *
 * Needs a Python with PyTorch for the CPU: `pip install torch`. Cases: resnet50 (training step with Adam,
 * batch 8, 224²), small (the same for a small ResNet, batch 64, 64²) and eval (ResNet-50 without gradients,
 * batch 8, 224²). Each side is a separate process; while one computes, the other waits. With --tune, the
 * forms of our operations are selected by measurement first. Speed is PyTorch's time divided by ours, for the
 * fastest and for the median step.
 */

import { parseArgs } from "node:util";
import { median, Side } from "./side.ts";
import { type Case, CASES } from "./train_step_case.ts";

const { values: options, positionals } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "12" },
    threads: { type: "string", default: "2" },
    python: { type: "string", default: "python3" },
    tune: { type: "boolean", default: false },
  },
});

interface Answer {
  ms: number;
  /** Peak resident memory of the process so far. */
  peakMb: number;
  /** The time for creating the session, if one was created. */
  sessionMs?: number;
}

async function compare(name: string, settings: Case): Promise<void> {
  const worker = new URL("./train_step_worker.ts", import.meta.url).pathname;
  const peer = new URL("./peers/train_step.py", import.meta.url).pathname;
  const ours = new Side<Answer>(Deno.execPath(), ["run", "-A", worker]);
  const theirs = new Side<Answer>(options.python!, [peer]);
  const threads = Number(options.threads);
  const { sessionMs } = await ours.ask({ case: { ...settings, threads, tune: options.tune } });
  await theirs.ask({ case: { ...settings, threads } });
  const [oursMs, theirsMs]: number[][] = [[], []];
  let peaks = [0, 0];
  for (let round = 0; round < Number(options.rounds); round++) {
    const [a, b] = [await ours.ask({}), await theirs.ask({})];
    peaks = [a.peakMb, b.peakMb];
    // The first steps allocate memory.
    if (round < 2) continue;
    oursMs.push(a.ms / settings.batch);
    theirsMs.push(b.ms / settings.batch);
  }
  await Promise.all([ours.close(), theirs.close()]);
  const line = (label: string, ours: number, theirs: number, unit: string, ratio: number) =>
    console.log(
      `${name.padEnd(9)} ${label.padEnd(14)} ours ${ours.toFixed(1)} ${unit}, PyTorch ${
        theirs.toFixed(1)
      } ${unit}: ` +
        `${ratio.toFixed(2)} ×`,
    );
  const [best, bestTheirs] = [Math.min(...oursMs), Math.min(...theirsMs)];
  line("speed, fastest", best, bestTheirs, "ms/image", bestTheirs / best);
  line("speed, median", median(oursMs), median(theirsMs), "ms/image", median(theirsMs) / median(oursMs));
  line("peak memory", peaks[0], peaks[1], "MB", peaks[0] / peaks[1]);
  console.log(`${name.padEnd(9)} session created in ${sessionMs!.toFixed(0)} ms`);
}

const names = positionals.length > 0 ? positionals : Object.keys(CASES);
for (const name of names) {
  const settings = CASES[name];
  if (!settings) {
    throw new Error(`there is no case "${name}"; it must be one of ${Object.keys(CASES).join(", ")}`);
  }
  await compare(name, settings);
}
