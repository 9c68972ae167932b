/**
 * Relevance propagation through the heads of prototype models: similarity, selection of a position, and
 * add-on layers.
 */

import type { Fidelity } from "../../fidelity.ts";
import type { ComparedFeatures } from "../../models/prototypes/compared_features.ts";
import { prototypeRows } from "../../models/prototypes/distances.ts";
import { PROTOTYPES } from "../../models/prototypes/head.ts";
import { resNetChannels, type ResNetConfig } from "../../models/resnet.ts";
import { type LayerContext, stateTensor } from "../../nn/layers/layer_context.ts";
import type { HostTensor } from "../../tensor/host_tensor.ts";
import type { Tensor } from "../../tensor/op.ts";
import { add, div, log, mul, sub } from "../../tensor/ops/arithmetic.ts";
import { sum } from "../../tensor/ops/broadcast.ts";
import { convChannelsLast } from "../../tensor/ops/channels_last.ts";
import { finiteRelu, relu, sigmoid, square } from "../../tensor/ops/elementwise.ts";
import { oneHot, take } from "../../tensor/ops/gather.ts";
import { matmul } from "../../tensor/ops/matmul.ts";
import { argmax } from "../../tensor/ops/order.ts";
import { mean } from "../../tensor/ops/reduce.ts";
import { reshape, transpose, unsqueeze } from "../../tensor/ops/shape.ts";
import { full } from "../../tensor/ops/source.ts";
import { alpha1Beta0, averagePool, type RelevanceRule } from "./layer_rules.ts";
import { similarityRule } from "./similarity_rule.ts";
import type { Sweeps } from "./sweeps.ts";

export interface HeadInputs {
  /** [V, H, W, C]: the features of the backbone */
  readonly features: Tensor;
  readonly state: LayerContext["state"];
  /** int64 [S]: the prototype of every sweep */
  readonly prototypes: Tensor;
  readonly sweeps: Sweeps;
  readonly fidelity: Fidelity;
}

export interface HeadRelevance {
  /** [S, H, W, C]: relevance of the features */
  readonly features: Tensor;
  /** [S, H', W', D]: relevance of the add-on layers' output, for models with add-on layers */
  readonly addOn?: Tensor;
}

/** Propagates relevance from the similarity of each sweep's prototype, which has relevance 1. */
export type RelevanceHead = (inputs: HeadInputs) => HeadRelevance;

/** Added to a squared distance in the explained similarity ln((d + 1)/(d + 1e-12)). */
const SIMILARITY_EPS = 1e-12;

/**
 * 1×1 convolution, mean over positions, sigmoid. The resulting vector is compared with the prototype.
 *
 * @param layer the name of the convolution in the state
 */
function meanHead(layer: string): RelevanceHead {
  return ({ features, state, prototypes, sweeps, fidelity }) => {
    const projection = pointwise(features, layer, state, sweeps);
    const pool = averagePool(projection.output, [1, 2], sweeps);
    const vectors = sigmoid(mean(projection.output, { axes: [1, 2] }));
    const x = unsqueeze(sweeps.alongside(vectors), 1);
    const chosen = take(prototypesOf(state), 0, prototypes);
    const addOn = similarityRule(x, chosen, full([sweeps.count, 1], 1), fidelity);
    const atVectors = unsqueeze(addOn, 1);
    return { addOn: atVectors, features: projection.rule(pool(atVectors)) };
  };
}

/**
 * 1×1 convolutions with ReLUs between them and a sigmoid after the last. The position that is most similar to
 * the prototype (the first of several equal) gets the relevance.
 *
 * @param layers the names of the convolutions in the state
 */
function mapHead(layers: readonly string[]): RelevanceHead {
  return ({ features, state, prototypes, sweeps, fidelity }) => {
    let y = features;
    const rules = layers.map((layer, i) => {
      const { output, rule } = pointwise(y, layer, state, sweeps);
      y = i + 1 < layers.length ? finiteRelu(output) : sigmoid(output);
      return rule;
    });
    const [views, height, width, depth] = y.shape;
    const positions = reshape(y, [views, height * width, depth]);
    const x = sweeps.rows(positions);
    const chosen = take(prototypesOf(state), 0, prototypes);
    const best = argmax(similarities(x, chosen), 1);
    const addOn = reshape(
      similarityRule(x, chosen, oneHot(best, height * width), fidelity),
      [sweeps.count, height, width, depth],
    );
    return { addOn, features: rules.reduceRight((passed, rule) => rule(passed), addOn) };
  };
}

/**
 * A prototype is a channel of the features. Its largest element (the first of several equal) gets
 * the relevance.
 */
const channelHead: RelevanceHead = ({ features, prototypes, sweeps }) => {
  const [views, height, width, channels] = features.shape;
  const byChannel = transpose(reshape(features, [views, height * width, channels]), [0, 2, 1]);
  const ofChannel = oneHot(prototypes, channels);
  const maps = sum(mul(sweeps.rows(byChannel), unsqueeze(ofChannel, 2)), { axes: [1] });
  const atPosition = oneHot(argmax(maps, 1), height * width);
  const relevance = mul(unsqueeze(atPosition, 2), unsqueeze(ofChannel, 1));
  return { features: reshape(relevance, [sweeps.count, height, width, channels]) };
};

/** The head that follows the path of a model's features to its similarities. */
export function headOf(compared: ComparedFeatures): RelevanceHead {
  switch (compared.kind) {
    case "mean_vector":
      return meanHead(compared.layer);
    case "position_vectors":
      return mapHead(compared.layers);
    case "channels":
      return channelHead;
  }
}

/** The number of prototypes of a model with this state and backbone. */
export function prototypeCount(
  { kind }: ComparedFeatures,
  state: ReadonlyMap<string, Pick<HostTensor, "shape">>,
  backbone: ResNetConfig,
): number {
  return kind === "channels" ? resNetChannels(backbone) : state.get(PROTOTYPES)!.shape[0];
}

/** ln((d + 1)/(d + 1e-12)) of x [S, N, D] and the prototype [S, D] of every sweep: [S, N]. */
function similarities(x: Tensor, prototypes: Tensor): Tensor {
  const products = reshape(matmul(x, unsqueeze(prototypes, 2)), x.shape.slice(0, 2));
  const lengths = sum(square(prototypes), { axes: [1], keepdim: true });
  const distances = relu(add(sub(sum(square(x), { axes: [2] }), mul(products, 2)), lengths));
  return log(div(add(distances, 1), add(distances, SIMILARITY_EPS)));
}

function prototypesOf(state: LayerContext["state"]): Tensor {
  return prototypeRows(stateTensor({ state, training: false, updated: new Map() }, PROTOTYPES));
}

/** A 1×1 convolution with bias whose input comes from a ReLU. */
function pointwise(
  x: Tensor,
  layer: string,
  state: LayerContext["state"],
  sweeps: Sweeps,
): { output: Tensor; rule: RelevanceRule } {
  const context = { state, training: false, updated: new Map<string, Tensor>() };
  const weight = stateTensor(context, `${layer}.weight`);
  return {
    output: add(convChannelsLast(x, weight), stateTensor(context, `${layer}.bias`)),
    rule: alpha1Beta0(x, weight, convChannelsLast, sweeps, { nonNegative: true }),
  };
}
