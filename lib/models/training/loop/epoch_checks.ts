/** What has to hold after an epoch before its state is used or kept: finite values, a step, and parts that learn. */

import { stateName } from "../../../nn/optim/optimiser.ts";
import type { Phase } from "../../../nn/optim/phases.ts";
import { describeNotFinite, NotFiniteError } from "../../../nn/finite.ts";
import { type Parameters, under } from "../../../nn/parameters.ts";
import type { Means } from "../state/epoch_record.ts";
import type { TrainingState } from "../state/training_state.ts";

/** A training that has no effect: no step is taken, or a part that a phase trains stays as it was. */
export class NothingLearntError extends Error {
  override readonly name = "NothingLearntError";
}

/** The epoch of a phase that is checked. */
export interface CheckedEpoch {
  readonly phase: Phase;
  /** Counted from 0 over all phases. */
  readonly epoch: number;
  /** Learning rates by group. */
  readonly rates: Readonly<Record<string, number>>;
}

/** The epoch as errors name it. */
export function nameOfEpoch({ phase, epoch }: Pick<CheckedEpoch, "phase" | "epoch">): string {
  return `phase ${phase}, epoch ${epoch}`;
}

/**
 * Checks parameters, running statistics, the optimiser's moments and waiting gradients.
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
    `${nameOfEpoch(at)}: after step ${state.steps} of the phase ${found}; nothing of this epoch is kept. ` +
      `Lower the learning rates (${ratesText(at.rates)})`,
  );
}

/** @throws {NotFiniteError} naming phase, epoch and figure, where a figure is not a finite number. */
export function requireFiniteMeans(
  means: Means,
  what: string,
  at: Pick<CheckedEpoch, "phase" | "epoch">,
): void {
  const found = Object.entries(means).find(([, value]) => !Number.isFinite(value));
  if (!found) return;
  throw new NotFiniteError(
    `${nameOfEpoch(at)}: the ${what} figure "${found[0]}" is ${
      found[1]
    }; nothing of this epoch is kept. Lower the ` +
      "learning rates, or look for images that are not numbers",
  );
}

/**
 * Checks that an epoch took a step.
 *
 * @param batches micro-batches that the epoch had
 * @param accumulate micro-batches of a step
 * @throws {NothingLearntError}
 */
export function requireStep(
  steps: number,
  { batches, accumulate }: { readonly batches: number; readonly accumulate: number },
  at: CheckedEpoch,
): void {
  if (steps > 0) return;
  throw new NothingLearntError(
    `${nameOfEpoch(at)}: no step was taken, so that nothing is learnt: an epoch has ${batches} ` +
      `${
        batches === 1 ? "batch" : "batches"
      }, but a step needs ${accumulate} (accumulateBatches), counted anew in ` +
      `every epoch. Set accumulateBatches to at most ${Math.max(batches, 1)}, or batchSize to less`,
  );
}

/**
 * Checks that every rate group of the phase has changed.
 *
 * @param groups parameters by the name of their group; those that the loss does not reach are left out
 * @throws {NothingLearntError} naming the group, and why it did not.
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
      ? `steps at its learning rate ${rate} are too small to change a float32`
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

/** Whether the optimiser has seen a gradient of the parameter that is not 0. */
function hasMoment(optimiser: Parameters, parameter: string): boolean {
  return optimiser.get(stateName("exp_avg", parameter))?.data.some((value) => Number(value) !== 0) ?? false;
}

function ratesText(rates: Readonly<Record<string, number>>): string {
  return Object.entries(rates).map(([name, rate]) => `${name} ${rate}`).join(", ");
}
