/** A batch of a training, and several of one form as one. */

import { arrayType, elementCount, type HostTensor } from "../../../tensor/host_tensor.ts";
import type { ColorStatistics } from "../../../vision/normalize.ts";

/** Images [N, C, H, W] or views [N, V, C, H, W] of a batch, and the class of each image. */
export interface TrainingBatch {
  readonly x: HostTensor<"float32">;
  readonly labels: HostTensor<"int64">;
  /** The model's extra inputs, by name. */
  readonly extra?: Readonly<Record<string, HostTensor>>;
}

/** The same with levels 0 … 255, which the program of the batch normalises. */
export interface LevelBatch extends Omit<TrainingBatch, "x"> {
  readonly x: HostTensor<"uint8">;
  readonly colors: ColorStatistics;
}

/** What a micro-batch gives. */
export interface BatchResult {
  /** Loss terms by name. */
  readonly terms: Readonly<Record<string, number>>;
  /** [N, classes] */
  readonly logits: HostTensor<"float32">;
}

/** What the program of a batch depends on: batches of one form have programs in common. */
export interface BatchForm {
  readonly key: string;
  readonly shape: readonly number[];
  /** How to normalise levels. */
  readonly colors?: ColorStatistics;
}

/** The form of a batch: its shape, and whether it has levels. */
export function formOfBatch(batch: TrainingBatch | LevelBatch): BatchForm {
  const { x: { dtype, shape } } = batch;
  return { key: `${dtype} ${shape}`, shape, colors: "colors" in batch ? batch.colors : undefined };
}

/** A batch with pixels of its own. */
export function copyOfBatch(batch: TrainingBatch | LevelBatch): TrainingBatch | LevelBatch {
  return "colors" in batch
    ? { ...batch, x: { ...batch.x, data: batch.x.data.slice() } }
    : { ...batch, x: { ...batch.x, data: batch.x.data.slice() } };
}

/** A copy of tensors of one type along new first axes [turns, batches / turns]. */
export function stackedTensors(tensors: readonly HostTensor[], turns: number): HostTensor {
  const { dtype, shape } = tensors[0];
  const size = elementCount(shape);
  const data = new (arrayType(dtype))(tensors.length * size) as Float32Array;
  tensors.forEach((tensor, i) => data.set(tensor.data as Float32Array, i * size));
  return { dtype, shape: [turns, tensors.length / turns, ...shape], data } as HostTensor;
}
