/** One epoch of training: micro-batches, steps and the gradients left at the end. */

import type { Fidelity } from "../../../fidelity.ts";
import { isStep } from "../../../nn/optim/accumulation.ts";
import { accuracy, macroScores, predictions } from "../../../metrics/general/classification.ts";
import type { HostTensor } from "../../../tensor/host_tensor.ts";
import { MeanOfBatches, type Means } from "../state/epoch_record.ts";
import type { PhaseTraining } from "../step/phase_training.ts";
import {
  type BatchResult,
  copyOfBatch,
  formOfBatch,
  type LevelBatch,
  type TrainingBatch,
} from "../step/training_batch.ts";

/** A sequence of batches; each is valid until the next one is requested. */
export type Batches<Batch = TrainingBatch> = Iterable<Batch> | AsyncIterable<Batch>;

type AnyBatch = TrainingBatch | LevelBatch;

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
  batches: Batches<AnyBatch>,
  { rates, accumulate, leftOverGradients, onBatch }: EpochOptions,
): Promise<{ readonly batches: number; readonly means: Means }> {
  const means = new MeanOfBatches();
  let index = 0;
  const tell = (batch: AnyBatch, { terms, logits }: BatchResult) => {
    const labels = labelsOf(batch);
    means.add({ ...terms, ...scoresOf(logits, labels, { balanced: true }) }, labels.length);
    onBatch?.(means.count, means.means);
  };
  /** Batches for the next run. */
  let waiting: AnyBatch[] = [];
  const takeOneByOne = async (taken: readonly AnyBatch[]) => {
    for (const batch of taken) {
      const result = await training.microBatch(batch);
      if (isStep(index++, accumulate)) await training.step(rates);
      tell(batch, result);
    }
  };
  for await (const batch of batches) {
    const isAlike = waiting.length === 0 || formOfBatch(waiting[0]).key === formOfBatch(batch).key;
    if (!isAlike) await takeOneByOne(waiting.splice(0));
    if (training.batchesPerRun === 1 || index % accumulate !== 0 || !training.isClear) {
      await takeOneByOne([batch]);
    } else if (waiting.push(copyOfBatch(batch)) === training.batchesPerRun) {
      const results = await training.takeSteps(waiting, rates);
      index += waiting.length;
      waiting.forEach((taken, i) => tell(taken, results[i]));
      waiting = [];
    }
  }
  await takeOneByOne(waiting);
  if (leftOverGradients === "intended" && index % accumulate !== 0) await training.step(rates);
  return { batches: index, means: means.means };
}

/** The class of every image of a batch. */
export function labelsOf({ labels }: Pick<TrainingBatch, "labels">): number[] {
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
