/**
 * Prototype relevance propagation (Gautam et al. 2023): finds the pixels that make a view similar to a
 * prototype, for several prototypes at a time. The canonised network runs forward once per view; all backward
 * sweeps are one batch.
 */

import type { Fidelity } from "../../fidelity.ts";
import type { ResNetConfig } from "../../models/resnet.ts";
import type { LayerContext } from "../../nn/layers/layer_context.ts";
import { labelled, type Tensor } from "../../tensor/op.ts";
import { sum } from "../../tensor/ops/broadcast.ts";
import { toChannelsFirst } from "../../tensor/ops/channels_last.ts";
import { relu } from "../../tensor/ops/elementwise.ts";
import type { ColorStatistics } from "../../vision/normalize.ts";
import type { RelevanceHead } from "./heads.ts";
import type { InputBounds } from "./layer_rules.ts";
import { type BackboneRelevance, traceResNet } from "./resnet.ts";
import type { Sweeps } from "./sweeps.ts";

export interface RelevanceOptions {
  readonly head: RelevanceHead;
  readonly config: ResNetConfig;
  /** The state of the model, canonised. */
  readonly state: LayerContext["state"];
  readonly bounds: InputBounds;
  /** int64 [S]: the prototype of every sweep */
  readonly prototypes: Tensor;
  readonly sweeps: Sweeps;
  readonly fidelity: Fidelity;
}

export interface RelevanceMaps extends BackboneRelevance {
  /** [V, C, H', W'] */
  readonly features: Tensor;
  /** [S, H, W]: relevance at the input, summed over channels; negative sums are set to 0. */
  readonly maps: Tensor;
  /** [S, D, H', W']: relevance of the add-on layers' output, for models with add-on layers. */
  readonly addOn?: Tensor;
}

/** Computes relevance maps of views x [V, channels, H, W]. */
export function relevanceMaps(x: Tensor, options: RelevanceOptions): RelevanceMaps {
  const { head, state, prototypes, sweeps, fidelity } = options;
  const traced = traceResNet(x, options);
  const { features } = traced;
  const top = labelled("head", () => head({ features, state, prototypes, sweeps, fidelity }));
  const { input, stages } = traced.relevance(top.features);
  return {
    input,
    stages,
    maps: relu(sum(input, { axes: [1] })),
    features: toChannelsFirst(features),
    ...(top.addOn && { addOn: toChannelsFirst(top.addOn) }),
  };
}

/**
 * The least and the greatest normalised value over all channels. (The published z^B rule has bounds per
 * channel; the reference implementation uses one pair.)
 */
export function inputBounds({ mean, std }: ColorStatistics): InputBounds {
  const f32 = Math.fround;
  const scaled = (value: number) => mean.map((m, c) => f32(f32(value - f32(m)) / f32(std[c])));
  return { lowest: Math.min(...scaled(0)), highest: Math.max(...scaled(1)) };
}
