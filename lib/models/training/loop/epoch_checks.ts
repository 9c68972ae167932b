/**
 * Checks after an epoch, before its state is used or stored: values are finite, a step was taken, and
 * parameters changed.
 */

import { stateName } from "../../../nn/optim/optimiser.ts";
import type { Phase } from "../../../nn/optim/phases.ts";
import { describeNotFinite, NotFiniteError } from "../../../nn/finite.ts";
import { type Parameters, under } from "../../../nn/parameters.ts";
import type { Means } from "../state/epoch_record.ts";
import type { TrainingState } from "../state/training_state.ts";

/** Training without effect: no step was taken, or a parameter group of the phase did not change. */
export class NothingLearntError extends Error {
  override readonly name = "NothingLearntError";
}

/** The checked epoch of a phase. */
export interface CheckedEpoch {
  readonly phase: Phase;
  /** Counted from 0 over all phases. */
  readonly epoch: number;
  /** Learning rates by group. */
  readonly rates: Readonly<Record<string, number>>;
}

/** The epoch's name in error messages. */
export function nameOfEpoch({ phase, epoch }: Pick<CheckedEpoch, "phase" | "epoch">): string {
  return `phase ${phase}, epoch ${epoch}`;
}

/**
 * Checks that parameters, running statistics, the optimiser's moments and accumulated gradients are finite.
 *
 * @throws {NotFiniteError} naming phase, epoch and tensor.
 */
export function requireFiniteState(state: TrainingState, at: CheckedEpoch): void {
  const { model, optimiser, gradients } = state;
  const found = describeNotFinite([
    ...model,
    ...under("optimiser", optimiser),
    ...gradients,
  ]);
  if (found === undefined) return;
  throw new NotFiniteError(
    `${nameOfEpoch(at)}: after step ${state.steps} of the phase ${found}; this epoch is discarded. ` +
      `Lower the learning rates (${ratesText(at.rates)})`,
  );
}

/** @throws {NotFiniteError} naming phase, epoch and metric, if a metric is not a finite number. */
export function requireFiniteMeans(
  means: Means,
  what: string,
  at: Pick<CheckedEpoch, "phase" | "epoch">,
): void {
  const found = Object.entries(means).find(([, value]) => !Number.isFinite(value));
  if (!found) return;
  throw new NotFiniteError(
    `${nameOfEpoch(at)}: the ${what} metric "${found[0]}" is ${
      found[1]
    }; this epoch is discarded. Lower the ` +
      "learning rates, or check the images for NaN",
  );
}

/**
 * Checks that an epoch took a step.
 *
 * @param batches the number of micro-batches of the epoch
 * @param accumulate micro-batches per step
 * @throws {NothingLearntError}
 */
export function requireStep(
  steps: number,
  { batches, accumulate }: { readonly batches: number; readonly accumulate: number },
  at: CheckedEpoch,
): void {
  if (steps > 0) return;
  throw new NothingLearntError(
    `${nameOfEpoch(at)}: no optimiser step was taken: an epoch has ${batches} ` +
      `${
        batches === 1 ? "batch" : "batches"
      }, but a step needs ${accumulate} (accumulateBatches), counted from the start of ` +
      `each epoch. Set accumulateBatches to at most ${Math.max(batches, 1)}, or reduce batchSize`,
  );
}

/**
 * Checks that every rate group of the phase has changed.
 *
 * @param groups parameters by the name of their group, without those on which the loss does not depend
 * @throws {NothingLearntError} naming the unchanged group and the reason.
 */
export function requireChange(
  before: Parameters,
  { model, optimiser, steps }: TrainingState,
  groups: readonly { readonly name: string; readonly parameters: readonly string[] }[],
  at: CheckedEpoch,
): void {
  for (const { name, parameters } of groups) {
    if (parameters.length === 0 || parameters.some((key) => differs(before, model, key))) continue;
    const rate = at.rates[name];
    const reason = Math.fround(rate) === 0
      ? `its learning rate ${rate} is 0 in float32`
      : parameters.some((key) => hasMoment(optimiser, key))
      ? `steps with its learning rate ${rate} are too small to change a float32`
      : "the loss has no gradient for it: check the weights of its terms (coefs)";
    throw new NothingLearntError(
      `${nameOfEpoch(at)}: the phase trains the group "${name}" (${parameters.length} tensors, first ` +
        `"${parameters[0]}"), but ${steps} ${
          steps === 1 ? "step has" : "steps have"
        } not changed it: ${reason}`,
    );
  }
}

function differs(before: Parameters, after: Parameters, name: string): boolean {
  const [a, b] = [before.get(name)!.data, after.get(name)!.data];
  return a.some((value, i) => value !== b[i]);
}

/** Whether the optimiser has seen a non-zero gradient of the parameter. */
function hasMoment(optimiser: Parameters, parameter: string): boolean {
  return optimiser.get(stateName("exp_avg", parameter))?.data.some((value) => Number(value) !== 0) ?? false;
}

function ratesText(rates: Readonly<Record<string, number>>): string {
  return Object.entries(rates).map(([name, rate]) => `${name} ${rate}`).join(", ");
}
