/** A trained model as explanations need it. */

import type { LoadedModel } from "../models/model_folder.ts";
import type { ModelDefinition } from "../models/model_definition.ts";
import { definitionOf } from "../models/models.ts";
import type { PrototypeModel } from "../models/prototypes/prototype_model.ts";
import type { ResNetConfig } from "../models/resnet.ts";
import type { Parameters } from "../nn/parameters.ts";
import type { ColorStatistics } from "../vision/normalize.ts";

/** A trained model, and how it is explained. */
export interface ExplainedModel {
  /** What the model sees, and how it compares that with its prototypes. */
  readonly definition: Pick<ModelDefinition, "name" | "sees" | "compared">;
  readonly model: PrototypeModel;
  /** The architecture of the model's backbone. */
  readonly backbone: ResNetConfig;
  readonly state: Parameters;
  /** The colour statistics for normalising views. */
  readonly colors: ColorStatistics;
}

/** The model of a folder. */
export function explainedModel({ description, model, state }: LoadedModel): ExplainedModel {
  const { model: name, backbone, colors } = description;
  return { definition: definitionOf(name), model, backbone, state, colors };
}

/**
 * The frame of explanations: the image, into which maps of its views are pasted, or the only view that the model sees
 * of it.
 */
export type MapFrame = "image" | "view";

/** The frame of a model's explanations. */
export function frameOf({ sees }: Pick<ModelDefinition, "sees">): MapFrame {
  return sees === "views" ? "image" : "view";
}
