/** Prototype models as cases describe them: configuration, backbone, state and fidelity. */

import type { Fidelity } from "../../../lib/fidelity.ts";
import { type Backbone, resNetBackbone } from "../../../lib/models/backbone.ts";
import { type FidelityOptions, type Flaw, MODEL_FLAWS } from "../../../lib/models/fidelity.ts";
import { initialState } from "../../../lib/models/prototypes/initial_state.ts";
import type { ExtraInputs, PrototypeModel } from "../../../lib/models/prototypes/prototype_model.ts";
import { RESNETS } from "../../../lib/models/resnet.ts";
import { defaultBias, defaultWeight } from "../../../lib/nn/init.ts";
import { type LayerContext, stateTensor } from "../../../lib/nn/layers/layer_context.ts";
import { parameter, type TensorSpec } from "../../../lib/nn/tensor_spec.ts";
import { float32, type HostTensor, hostTensor } from "../../../lib/tensor/host_tensor.ts";
import type { ElementType, Tensor } from "../../../lib/tensor/op.ts";
import { add } from "../../../lib/tensor/ops/arithmetic.ts";
import { conv2d } from "../../../lib/tensor/ops/conv.ts";
import { reshape } from "../../../lib/tensor/ops/shape.ts";
import { input } from "../../../lib/tensor/ops/source.ts";
import { type Case, type Json, tensorsUnder } from "../case.ts";

/** Flaws and their choice. */
export type Flaws = Readonly<Record<string, Fidelity>>;

/** How a case's params become a model, and what the suites ask of it. */
export interface ModelBuilder<Model extends PrototypeModel = PrototypeModel> {
  build(config: Json, options: { coefs?: Json; fidelity?: Flaws }): Model;
  /** At the size of the study for a data set, with ResNet-50. */
  fullSize(dataset: string): Model;
  /** What `intended` means in the suite `models`. */
  readonly flaws: readonly string[];
  /** What `intended` means in the suite `training`, from its params. */
  trainingFlaws(params: Json): Flaws;
  /** The outputs of `models.forward` by their names without "out.", those of evaluation too where it is asked for. */
  forward(model: Model, x: Tensor, context: LayerContext, extra: ExtraInputs): Record<string, Tensor>;
  /** Values of the model's extra inputs; `noise` is what the case gives, if anything. */
  extra(model: Model, params: Json, noise?: HostTensor): Record<string, HostTensor>;
}

/** `given` over `reference` for all of `flaws`. */
export function chosen<F extends Flaw>(flaws: readonly F[], given: Flaws = {}): FidelityOptions<F> {
  const all = MODEL_FLAWS.preset("reference", flaws);
  return Object.fromEntries(flaws.map((flaw) => [flaw, given[flaw] ?? all[flaw]])) as FidelityOptions<F>;
}

const CLASS_COUNTS: Readonly<Record<string, number>> = { cub200: 200, dogs: 120, cars196: 196 };

export function classCount(dataset: string): number {
  return CLASS_COUNTS[dataset];
}

/** Whether a layer is frozen for good, in the params of `training`. */
export function frozenStatistics({ frozen_bn = false }: Json): Fidelity {
  return frozen_bn ? "intended" : "reference";
}

/** The backbone of a case's config. */
export function backboneOf({ backbone }: Json): Backbone {
  switch (backbone.kind) {
    case "identity":
      return {
        channels: backbone.channels,
        specs: [],
        lastBlock: "layer4.0",
        features: (x) => x,
        initialState: () => new Map(),
      };
    case "convs":
      return convolutions(backbone.channels);
    case "resnet":
      return resNetBackbone(backbone);
  }
  throw new Error(`no backbone is known as "${backbone.kind}"`);
}

export const RESNET50 = resNetBackbone(RESNETS.resnet50);

/** Two 1×1 convolutions with bias and nothing between them. */
function convolutions([first, middle, last]: number[]): Backbone {
  const layers = [{ name: "layer3.0", shape: [middle, first, 1, 1] }, {
    name: "layer4.0",
    shape: [last, middle, 1, 1],
  }];
  return {
    channels: last,
    lastBlock: "layer4.0",
    specs: layers.flatMap(({ name, shape }) => [
      parameter(`${name}.weight`, shape),
      parameter(`${name}.bias`, [shape[0]]),
    ]),
    features: (x, context) =>
      layers.reduce(
        (y, { name, shape }) =>
          add(
            conv2d(y, stateTensor(context, `${name}.weight`)),
            reshape(stateTensor(context, `${name}.bias`), [shape[0], 1, 1]),
          ),
        x,
      ),
    initialState(seed) {
      const initial = ({ name, shape }: TensorSpec) =>
        shape.length === 4
          ? defaultWeight(shape)
          : defaultBias(layers.find((layer) => name.startsWith(layer.name))!.shape);
      return initialState(this.specs, seed, initial);
    },
  };
}

/** The model's state from the case's `w.*`; counters begin with 0, class weights with those of the params or 1. */
export function stateOf(testCase: Case, model: PrototypeModel): Map<string, HostTensor> {
  const given = tensorsUnder(testCase, "w.");
  const { class_weights } = testCase.params;
  return new Map(model.specs.map(({ name, shape, dtype }) => {
    const tensor = given.get(name);
    if (tensor) return [name, tensor];
    if (dtype === "int64") return [name, hostTensor("int64", [], new BigInt64Array(1))];
    if (name === "classification_loss_fn.weight") {
      return [name, float32(shape, class_weights ?? new Float32Array(shape[0]).fill(1))];
    }
    throw new Error(`${testCase.path} lacks w.${name}`);
  }));
}

/** Program inputs of the names, types and shapes of `values`. */
export function inputsLike(values: ReadonlyMap<string, HostTensor>): Map<string, Tensor> {
  return new Map(
    [...values].map(([name, { dtype, shape }]) => [name, input(name, dtype as ElementType, shape)]),
  );
}

/** A scalar as cases store it, with shape [1]. */
export function asVector(tensor: HostTensor): HostTensor {
  return tensor.shape.length === 0 ? { ...tensor, shape: [1] } : tensor;
}
