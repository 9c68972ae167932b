/** One epoch of training: micro-batches, steps and the gradients left at the end. */

import type { Fidelity } from "../../../fidelity.ts";
import { isStep } from "../../../nn/optim/accumulation.ts";
import { accuracy, macroScores, predictions } from "../../../metrics/general/classification.ts";
import type { HostTensor } from "../../../tensor/host_tensor.ts";
import { MeanOfBatches, type Means } from "../state/epoch_record.ts";
import type { PhaseTraining, TrainingBatch } from "../step/phase_training.ts";

/** A sequence of batches; each is valid until the next one is requested. */
export type Batches = Iterable<TrainingBatch> | AsyncIterable<TrainingBatch>;

export interface EpochOptions {
  /** Learning rates by group. */
  readonly rates: Readonly<Record<string, number>>;
  readonly accumulate: number;
  /** How to treat gradients left at the end of the epoch, from fewer micro-batches than a step needs. */
  readonly leftOverGradients: Fidelity;
  /** Called after every micro-batch, with the means so far. */
  onBatch?(images: number, means: Means): void;
}

/**
 * Trains for one epoch. A step follows every `accumulate`-th micro-batch. Gradients left at the end are
 * carried over to the next epoch's first step (`reference`) or applied immediately (`intended`).
 *
 * @returns the number of micro-batches, and the means over the epoch of the loss terms and of the scores,
 * which are class-balanced within each batch
 */
export async function trainEpoch(
  training: PhaseTraining,
  batches: Batches,
  { rates, accumulate, leftOverGradients, onBatch }: EpochOptions,
): Promise<{ readonly batches: number; readonly means: Means }> {
  const means = new MeanOfBatches();
  let index = 0;
  for await (const batch of batches) {
    const { terms, logits } = await training.microBatch(batch);
    if (isStep(index++, accumulate)) await training.step(rates);
    const labels = labelsOf(batch);
    means.add({ ...terms, ...scoresOf(logits, labels, { balanced: true }) }, labels.length);
    onBatch?.(means.count, means.means);
  }
  if (leftOverGradients === "intended" && index % accumulate !== 0) await training.step(rates);
  return { batches: index, means: means.means };
}

/** The class of every image of a batch. */
export function labelsOf({ labels }: TrainingBatch): number[] {
  return Array.from(labels.data, Number);
}

/** Accuracy and macro scores of one batch, in 0 … 1, by their names in logs. */
export function scoresOf(
  logits: HostTensor<"float32">,
  labels: readonly number[],
  { balanced }: { balanced: boolean },
): Means {
  const given = predictions(logits, labels, balanced);
  const { precision, recall, f1 } = macroScores(given);
  return { accuracy: accuracy(given), precision, recall, f1_score: f1 };
}
