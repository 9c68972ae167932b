/** Measures which form of each operation is fastest on this machine, for every shape in a program. */

import { type Program, program, type Step } from "../tensor/graph.ts";
import { elementCount, float32, type HostTensor } from "../tensor/host_tensor.ts";
import { formKey } from "../tensor/onnx/program_writer.ts";
import { apply1 } from "../tensor/op.ts";
import { input } from "../tensor/ops/source.ts";
import { RandomStream } from "../tensor/random.ts";
import type { Forms } from "./forms.ts";
import { openSession } from "./session.ts";
import type { SessionOptions } from "./session_options.ts";
import { targetOf } from "./target.ts";

/** Runs of each form. The fastest run counts, because other processes can only slow a run down. */
const RUNS = 7;

/** A form replaces the default only if it is faster by at least this fraction, so that noise can't decide. */
const MARGIN = 0.05;

/**
 * Measures every step of `tuned` that has several forms, once per shape. Pass the result in
 * {@link SessionOptions}; without it, sessions use the default forms, and results don't depend on a
 * measurement.
 */
export async function tuneForms(
  tuned: Program,
  options: Omit<SessionOptions, "forms"> = {},
): Promise<Forms> {
  // TensorFlow.js has only one form of each operation.
  if (options.runtime === "tfjs") return {};
  const target = await targetOf(options.device ?? "cpu");
  const chosen = new Map<string, string>();
  const done = new Set<string>();
  for (const step of tuned.steps) {
    const types = step.inputs.map((number) => tuned.values[number]);
    const forms = step.op.forms?.(types, target) ?? [];
    const key = formKey(step.op, types, step.attributes);
    if (forms.length < 2 || done.has(key)) continue;
    done.add(key);
    const best = await fastest(tuned, step, key, forms, options);
    if (best !== forms[0]) chosen.set(key, best);
  }
  return Object.fromEntries([...chosen].sort(([a], [b]) => a < b ? -1 : 1));
}

async function fastest(
  { values }: Program,
  { op, inputs, attributes }: Step,
  key: string,
  forms: readonly string[],
  options: SessionOptions,
): Promise<string> {
  const tensors = inputs.map((number, i) => input(`x${i}`, values[number].dtype, values[number].shape));
  const single = program({ y: apply1(op, tensors, attributes) });
  const stream = new RandomStream({ seed: 0, purpose: "tuning" });
  const feeds: Record<string, HostTensor> = {};
  tensors.forEach(({ shape }, i) => {
    const numbers = new Float32Array(elementCount(shape));
    stream.fillUniform(numbers, -1, 1);
    feeds[`x${i}`] = float32(shape, numbers);
  });
  const sessions = await Promise.all(
    forms.map((form) => openSession(single, { ...options, forms: { [key]: form } })),
  );
  const times = forms.map(() => Infinity);
  for (let run = 0; run < RUNS; run++) {
    // The forms alternate, so that a temporary slowdown affects all of them.
    for (const [i, session] of sessions.entries()) {
      const start = performance.now();
      await session.run(feeds);
      times[i] = Math.min(times[i], performance.now() - start);
    }
  }
  await Promise.all(sessions.map((session) => session.release()));
  const best = times.indexOf(Math.min(...times));
  return times[best] < times[0] * (1 - MARGIN) ? forms[best] : forms[0];
}
