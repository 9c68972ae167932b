/** The cause of a loss that is not finite: a parameter, the batch, or the computation. */

import { describeNotFinite, NotFiniteError } from "../../../nn/finite.ts";
import type { HostTensor } from "../../../tensor/host_tensor.ts";

type Tensors = Iterable<readonly [name: string, value: HostTensor]>;

/**
 * The error for the first of a micro-batch's loss terms that is not finite; undefined if all are.
 *
 * @param steps the steps that the phase has taken
 * @param parameters those that the phase trains, after these steps
 */
export async function lossError(
  terms: Readonly<Record<string, number>>,
  steps: number,
  batch: Tensors,
  parameters: () => Promise<Tensors>,
): Promise<NotFiniteError | undefined> {
  const term = Object.keys(terms).find((name) => !Number.isFinite(terms[name]));
  if (term === undefined) return undefined;
  const what = `the loss of a batch is ${terms.loss}, its term "${term}" ${terms[term]}`;
  const parameter = describeNotFinite(await parameters());
  if (parameter !== undefined) {
    return new NotFiniteError(
      `${what}, since step ${steps} of the phase: ${parameter}; lower the learning rates`,
    );
  }
  const given = describeNotFinite(batch);
  return new NotFiniteError(
    given === undefined
      ? `${what}, although all parameters after step ${steps} of the phase are finite; lower the learning rates`
      : `${what}, as the batch's ${given}; check the images for NaN`,
  );
}
