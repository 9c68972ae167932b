/** Names, parameter groups and initial values of the head, shared by prototype models. */

import type { TensorSpec } from "../../nn/tensor_spec.ts";
import type { HostTensor } from "../../tensor/host_tensor.ts";
import type { Backbone } from "../backbone.ts";
import { BACKBONE_PREFIX } from "../resnet_state.ts";
import { type Initial, initialState } from "./initial_state.ts";
import type { RateGroup } from "./prototype_model.ts";

/** [P, D, 1, 1] */
export const PROTOTYPES = "prototype_vectors";
/** The weight of the last layer, [classes, …]; it has no bias. */
export const LAST_LAYER = "last_layer.weight";
/** The class weights of the cross entropy; initially 1. */
export const CLASS_WEIGHTS = "classification_loss_fn.weight";

/** The names of the backbone's parameters in the state of a model. */
export function backboneParameterNames(specs: readonly TensorSpec[]): string[] {
  return specs.filter(({ name, role }) => role === "parameter" && name.startsWith(BACKBONE_PREFIX))
    .map(({ name }) => name);
}

/** A group whose learning rate has the same name. */
export function group(name: string, parameters: readonly string[]): RateGroup {
  return { name, rate: name, parameters };
}

/**
 * The state before training: the backbone's initial state, class weights of 1, and the values in `initial`.
 */
export function initialHead(
  specs: readonly TensorSpec[],
  backbone: Backbone,
  seed: number,
  initial: Readonly<Record<string, Initial>>,
): Map<string, HostTensor> {
  const features = backbone.initialState(seed);
  return initialState(specs, seed, ({ name }) => {
    if (name === CLASS_WEIGHTS) return 1;
    return initial[name] ?? features.get(name.slice(BACKBONE_PREFIX.length))!;
  });
}
