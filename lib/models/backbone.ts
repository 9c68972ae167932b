/** The interface of a backbone to prototype models: features, state and initial values. */

import type { LayerContext } from "../nn/layers/layer_context.ts";
import { below, type Parameters } from "../nn/parameters.ts";
import type { TensorSpec } from "../nn/tensor_spec.ts";
import { labelled, type Tensor } from "../tensor/op.ts";
import { resNet, resNetChannels, type ResNetConfig, resNetSpecs } from "./resnet.ts";
import { initialResNet } from "./resnet_init.ts";
import { BACKBONE_PREFIX } from "./resnet_state.ts";

/** A feature extractor for prototype models. */
export interface Backbone {
  /** The number of channels of the features. */
  readonly channels: number;
  /** The tensors of the state, named without the prefix that models add. */
  readonly specs: readonly TensorSpec[];
  /** The name prefix of the block that computes the features: `layer4.2`. */
  readonly lastBlock: string;
  /** The features [N, channels, H', W'] of x [N, C, H, W]. */
  features(x: Tensor, context: LayerContext): Tensor;
  /** The initial parameters and buffers, if no published weights are used. */
  initialState(seed: number): Parameters;
}

export function resNetBackbone(config: ResNetConfig): Backbone {
  return {
    channels: resNetChannels(config),
    specs: resNetSpecs(config),
    lastBlock: `layer${config.layers.length}.${config.layers[config.layers.length - 1] - 1}`,
    features: (x, context) => resNet(x, config, context).features,
    initialState: (seed) => initialResNet(config, seed),
  };
}

/** The tensors of a model's backbone, by their names in the model's state. */
export function prefixedSpecs(backbone: Backbone): TensorSpec[] {
  return backbone.specs.map((spec) => ({ ...spec, name: BACKBONE_PREFIX + spec.name }));
}

/**
 * Computes features from a model's state. Adds running statistics after the batch to the model's `updated`.
 */
export function backboneFeatures(backbone: Backbone, x: Tensor, context: LayerContext): Tensor {
  const updated = new Map<string, Tensor>();
  const state = below(context.state, BACKBONE_PREFIX.slice(0, -1));
  const features = labelled(
    "backbone",
    () => backbone.features(x, { state, training: context.training, updated }),
  );
  for (const [name, tensor] of updated) context.updated.set(BACKBONE_PREFIX + name, tensor);
  return features;
}
