/** What the training of a prototype network needs to know of a model: its state, its phases and its loss. */

import type { LayerContext } from "../../nn/layers/layer_context.ts";
import type { Phase } from "../../nn/optim/phases.ts";
import type { TensorSpec } from "../../nn/tensor_spec.ts";
import type { HostTensor } from "../../tensor/host_tensor.ts";
import type { Tensor } from "../../tensor/op.ts";

/** The parameters that share a learning rate. */
export interface RateGroup {
  /** Names the rate among those of the joint phase: `backbone`, `prototype_vectors`, … */
  readonly rate: string;
  readonly parameters: readonly string[];
}

export interface Batch {
  /** Images [N, C, H, W], or views [N, V, C, H, W]. */
  readonly x: Tensor;
  /** int64 [N] */
  readonly labels: Tensor;
}

export interface LossResult {
  /** Scalars by the names under which they are logged; the weighted total is `loss`. */
  readonly terms: Readonly<Record<string, Tensor>>;
  /** [N, classes] */
  readonly logits: Tensor;
}

export interface Prediction {
  /** [N, classes] */
  readonly logits: Tensor;
  /** [N, P]: squared distance of the nearest candidate */
  readonly minDistances: Tensor;
  /** int64 [N, P]: which candidate that is, the first of equals */
  readonly nearest: Tensor;
  /** [N, P]: what the last layer multiplies */
  readonly similarity: Tensor;
}

/** Vectors by which prototypes can be replaced: the views or the positions of each image, in row-major order. */
export interface Candidates {
  /** [N, K, D] */
  readonly vectors: Tensor;
  /** [N, K, P]: squared distances to the prototypes */
  readonly distances: Tensor;
}

export interface PrototypeModel {
  /** Parameters and buffers in the order of the state dictionary. */
  readonly specs: readonly TensorSpec[];
  readonly classes: number;
  /** The class of every prototype. */
  readonly prototypeClasses: readonly number[];
  /** The state before training, except for weights that are loaded. */
  initialState(seed: number): Map<string, HostTensor>;
  /** The names of the parameters that get a gradient in a phase. */
  gradients(phase: Phase): readonly string[];
  /** What the optimiser of a phase moves. A parameter that gets a gradient but is in no group stays as it is. */
  groups(phase: Phase): readonly RateGroup[];
  /** Whether batch norms use and move batch statistics in a phase. */
  movesStatistics(phase: Phase): boolean;
  forward(x: Tensor, context: LayerContext): Prediction;
  loss(batch: Batch, phase: Phase, context: LayerContext): LossResult;
  candidates(x: Tensor, context: LayerContext): Candidates;
}
