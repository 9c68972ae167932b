/** A trained model as explanations need it. */

import type { LoadedModel } from "../models/model_folder.ts";
import type { ComparedFeatures } from "../models/prototypes/compared_features.ts";
import type { PrototypeModel } from "../models/prototypes/prototype_model.ts";
import type { ResNetConfig } from "../models/resnet.ts";
import type { Parameters } from "../nn/parameters.ts";
import type { HostTensor } from "../tensor/host_tensor.ts";
import type { ColorStatistics } from "../vision/normalize.ts";

/** How the models are explained. */
export interface ModelExplanation {
  /** `views`: several views of each image; `image`: one view, which is the image or a part of it. */
  readonly sees: "views" | "image";
  readonly compared: ComparedFeatures;
}

const EXPLANATIONS = {
  protomask: { sees: "views", compared: { kind: "mean_vector", layer: "add_on_layers.0" } },
  protopnet: {
    sees: "image",
    compared: { kind: "position_vectors", layers: ["add_on_layers.0", "add_on_layers.2"] },
  },
  protopool: { sees: "image", compared: { kind: "position_vectors", layers: ["add_on_layers.0"] } },
  pipnet: { sees: "image", compared: { kind: "channels" } },
} as const satisfies Record<string, ModelExplanation>;

/** How the model with this name is explained. */
export function explanationOf(name: keyof typeof EXPLANATIONS): ModelExplanation {
  return EXPLANATIONS[name];
}

export interface ExplainedModel extends ModelExplanation {
  readonly name: string;
  readonly model: PrototypeModel;
  /** The architecture of the model's backbone. */
  readonly backbone: ResNetConfig;
  readonly state: Parameters;
  /** The colour statistics for normalising views. */
  readonly colors: ColorStatistics;
  /** Values of the model's further inputs for an image, by the image's id in the data set. */
  extraValues?(image: number): Readonly<Record<string, HostTensor>>;
}

/** The model of a folder. */
export function explainedModel({ description, model, state }: LoadedModel): ExplainedModel {
  const { model: name, backbone, colors } = description;
  const extraValues = (image: number) =>
    model.extraValues({ seed: 0, purpose: "explanation", epoch: 0, index: image });
  return { name, model, ...explanationOf(name), backbone, state, colors, extraValues };
}

/**
 * The frame of a model's explanations: the image, into which maps of its views are pasted, or the only view that the
 * model sees of it.
 */
export function frameOf({ sees }: ModelExplanation): "image" | "view" {
  return sees === "views" ? "image" : "view";
}
