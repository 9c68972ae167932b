/** A program that runs several times within another one, on TensorFlow.js. */

import * as tf from "@tensorflow/tfjs-core";
import { inputsOfTurn, type LoopAttributes, stackedOutputs } from "../../tensor/ops/loop.ts";
import type { KernelContext } from "./kernel.ts";

/** The last values of what is carried, and those of all turns of the other outputs. */
export function loopKernel({ inputs, attributes, run }: KernelContext): tf.Tensor[] {
  const loop: LoopAttributes = attributes;
  const { body, turns, carried } = loop;
  const stacked = stackedOutputs(loop);
  const made: tf.Tensor[][] = stacked.map(() => []);
  let held = inputs.slice(0, carried.length);
  for (let turn = 0; turn < turns; turn++) {
    const given = [...held, ...inputs.slice(carried.length)];
    const values = inputsOfTurn(loop, given, (all) => tf.squeeze(tf.slice(all, turn, 1), [0]));
    const results = run(body, values);
    held = carried.map(([output]) => results.get(output)!);
    stacked.forEach((name, i) => made[i].push(results.get(name)!));
  }
  return [...held.map((tensor) => tf.clone(tensor)), ...made.map((all) => tf.stack(all))];
}
