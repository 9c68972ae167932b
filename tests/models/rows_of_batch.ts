/** The rows of a batch with some numbers. */

import type { TrainingBatch } from "../../lib/models/training/step/training_batch.ts";
import { takeRows } from "../../lib/tensor/take_rows.ts";

/** A batch reduced to the images with the given indices. */
export function rowsOfBatch({ x, labels }: TrainingBatch, rows: readonly number[]): TrainingBatch {
  return { x: takeRows(x, rows), labels: takeRows(labels, rows) };
}
