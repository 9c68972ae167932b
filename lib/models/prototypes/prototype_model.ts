/** The interface between prototype models and training: state, phases and loss. */

import type { LayerContext } from "../../nn/layers/layer_context.ts";
import type { Phase } from "../../nn/optim/phases.ts";
import type { TensorSpec } from "../../nn/tensor_spec.ts";
import type { HostTensor } from "../../tensor/host_tensor.ts";
import type { Tensor } from "../../tensor/op.ts";

/** Parameters with a common learning rate. */
export interface RateGroup {
  /** The name of the group, unique within the phase. */
  readonly name: string;
  /** The name of the learning rate; groups may share a learning rate. */
  readonly rate: string;
  readonly parameters: readonly string[];
}

/**
 * Inputs of a model besides images and labels, such as noise, by the names of
 * {@link PrototypeModel.extraInputs}.
 */
export type ExtraInputs = ReadonlyMap<string, Tensor>;

/** The place of a batch in a training, or of an image in an evaluation; it decides the values of extra inputs. */
export interface BatchPlace {
  readonly seed: number;
  readonly purpose: "training" | "validation" | "explanation";
  /** Counted from 0 over all phases; 0 in explanations. */
  readonly epoch: number;
  /** The number of the batch in its epoch; in explanations the image's id in the data set. */
  readonly index: number;
}

/** The contribution of every prototype and position, or view, to the logits. */
export interface SimilarityMaps {
  /** [N, classes] */
  readonly logits: Tensor;
  /** [N, P, H, W]: the similarity of every position of the feature map; [N, P, V, 1] for views */
  readonly maps: Tensor;
  /** [N, D, H, W]; [N, D, V] for views */
  readonly features: Tensor;
}

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
  /** Loss terms (scalars) by their names in the log; the weighted total is `loss`. */
  readonly terms: Readonly<Record<string, Tensor>>;
  /** [N, classes] */
  readonly logits: Tensor;
}

/** A prototype model for training: its state, the part of it that each phase trains, and its losses. */
export interface PrototypeModel {
  /** The parameters and buffers in the order of the state dictionary. */
  readonly specs: readonly TensorSpec[];
  readonly classes: number;
  /** Further tensors that every batch must provide. */
  readonly extraInputs: readonly TensorSpec[];
  /** The values of `extraInputs`, by name: the same for the same place. */
  extraValues(place: BatchPlace): Readonly<Record<string, HostTensor>>;
  /** The state before training, before any weights are loaded. */
  initialState(seed: number): Map<string, HostTensor>;
  /** The parameters that PyTorch would mark as requiring a gradient in a phase. */
  trainable(phase: Phase): readonly string[];
  /** The trainable parameters on which the phase's loss depends. */
  gradients(phase: Phase): readonly string[];
  /** The parameters that a phase's optimiser updates. Parameters without gradient, or in no group, keep their values. */
  groups(phase: Phase): readonly RateGroup[];
  /** Whether, in a phase, batch norms use batch statistics and update the running ones. */
  movesStatistics(phase: Phase): boolean;
  loss(batch: Batch, phase: Phase, context: LayerContext): LossResult;
  explain(x: Tensor, context: LayerContext, extra: ExtraInputs): SimilarityMaps;
  /** Applies constraints after a step of a phase: returns corrected values of parameters, by name. */
  constrain?(phase: Phase, parameters: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor>;
}

/** Candidate vectors for prototypes: one per view or position of each image, in row-major order. */
export interface Candidates {
  /** [N, K, D] */
  readonly vectors: Tensor;
  /** [N, K, P]: squared distances to the prototypes */
  readonly distances: Tensor;
  /** The number of columns of the map, if the candidates are its positions. */
  readonly width?: number;
}

/** A model whose prototypes belong to one class each and can be replaced by vectors of images. */
export interface ProjectableModel extends PrototypeModel {
  /** The class of every prototype. */
  readonly prototypeClasses: readonly number[];
  candidates(x: Tensor, context: LayerContext): Candidates;
}

/** Whether the prototypes of a model can be projected. */
export function isProjectable(model: PrototypeModel): model is ProjectableModel {
  return "prototypeClasses" in model && "candidates" in model;
}
