/** The interface of a prototype model to training: its state, its phases and its loss. */

import type { LayerContext } from "../../nn/layers/layer_context.ts";
import type { Phase } from "../../nn/optim/phases.ts";
import type { TensorSpec } from "../../nn/tensor_spec.ts";
import type { HostTensor } from "../../tensor/host_tensor.ts";
import type { Tensor } from "../../tensor/op.ts";

/** Parameters that take their steps together. */
export interface RateGroup {
  /** Distinguishes the groups of a phase. */
  readonly name: string;
  /** Names the learning rate among those of the joint phase; two groups may share one. */
  readonly rate: string;
  readonly parameters: readonly string[];
}

/** Inputs of a model besides images and labels, such as noise, named as in {@link PrototypeModel.extraInputs}. */
export type ExtraInputs = ReadonlyMap<string, Tensor>;

/** A batch of N images as tensors of a program. */
export interface Batch {
  /** Images [N, C, H, W], or views [N, V, C, H, W]. */
  readonly x: Tensor;
  /** int64 [N] */
  readonly labels: Tensor;
  readonly extra: ExtraInputs;
}

/** The loss of a batch. */
export interface LossResult {
  /** Scalars by the names under which they are logged; the weighted total is `loss`. */
  readonly terms: Readonly<Record<string, Tensor>>;
  /** [N, classes] */
  readonly logits: Tensor;
}

/** What training needs from a prototype model: its state, which part of it each phase trains, and its losses. */
export interface PrototypeModel {
  /** Parameters and buffers in the order of the state dictionary. */
  readonly specs: readonly TensorSpec[];
  readonly classes: number;
  /** Tensors that every batch brings along. */
  readonly extraInputs: readonly TensorSpec[];
  /** The state before training, except for weights that are loaded. */
  initialState(seed: number): Map<string, HostTensor>;
  /** The parameters that PyTorch would mark as requiring a gradient in a phase. */
  trainable(phase: Phase): readonly string[];
  /** The trainable parameters that the phase's loss depends on. */
  gradients(phase: Phase): readonly string[];
  /** The parameters that a phase's optimiser updates. Parameters without gradient, or in no group, keep their values. */
  groups(phase: Phase): readonly RateGroup[];
  /** Whether batch norms use batch statistics and update the running ones in a phase. */
  movesStatistics(phase: Phase): boolean;
  loss(batch: Batch, phase: Phase, context: LayerContext): LossResult;
  /** The logits [N, classes] that accuracy is measured with. */
  predict(x: Tensor, context: LayerContext, extra: ExtraInputs): Tensor;
  /** Corrected values, by name, of parameters that violate a constraint after a step of a phase. */
  constrain?(phase: Phase, parameters: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor>;
}

/** Candidate vectors for prototypes: the views or the positions of each image, in row-major order. */
export interface Candidates {
  /** [N, K, D] */
  readonly vectors: Tensor;
  /** [N, K, P]: squared distances to the prototypes */
  readonly distances: Tensor;
}

/** A model whose prototypes are vectors of one class each, which can be replaced by vectors of images. */
export interface ProjectableModel extends PrototypeModel {
  /** The class of every prototype. */
  readonly prototypeClasses: readonly number[];
  candidates(x: Tensor, context: LayerContext): Candidates;
}
