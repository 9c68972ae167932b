/** Gradient accumulation: one optimiser step for several micro-batches. */

import type { Tensor } from "../../tensor/op.ts";
import { add, div } from "../../tensor/ops/arithmetic.ts";
import { gradients } from "../../tensor/grad.ts";
import { input } from "../../tensor/ops/source.ts";

/** The name, in programs and checkpoints, of a parameter's accumulated gradient: `grad.fc.weight`. */
export function gradientName(parameter: string): string {
  return `grad.${parameter}`;
}

/**
 * The accumulated gradients after a micro-batch: the program input {@link gradientName} plus the gradient of
 * loss / `accumulate`.
 *
 * @param loss the micro-batch's loss, a scalar
 * @param parameters the parameters whose gradients are accumulated
 */
export function accumulated(
  loss: Tensor,
  parameters: ReadonlyMap<string, Tensor>,
  accumulate: number,
): Map<string, Tensor> {
  const names = [...parameters.keys()];
  const shares = gradients(div(loss, accumulate), [...parameters.values()]);
  return new Map(names.map((name, i) => {
    const before = input(gradientName(name), "float32", shares[i].shape);
    return [name, add(before, shares[i])];
  }));
}

/**
 * Whether an optimiser step, which clears the gradients, follows micro-batch `index`, counted from 0 in each
 * epoch. Gradients left at the end of an epoch are not applied: they are carried over to the next epoch's
 * first step, unless {@link isCleared} clears them.
 */
export function isStep(index: number, accumulate: number): boolean {
  return (index + 1) % accumulate === 0;
}

/** Whether accumulated gradients are cleared because a validation follows `epoch`, counted from 0. 0 means never. */
export function isCleared(epoch: number, validateEvery: number): boolean {
  return validateEvery > 0 && (epoch + 1) % validateEvery === 0;
}
