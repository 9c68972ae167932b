/** The program of an exported model: from what it sees to logits, similarities and distances. */

import { scoresOf } from "../explain/classification.ts";
import type { LoadedModel } from "../models/model_folder.ts";
import { definitionOf } from "../models/models.ts";
import { isProjectable } from "../models/prototypes/prototype_model.ts";
import { PROTOTYPES } from "../models/prototypes/head.ts";
import { squaredDistances } from "../models/prototypes/distances.ts";
import { extraTensors, stateInputs } from "../models/training/step/batch_programs.ts";
import { seenShape } from "../models/training/phase/view_batches.ts";
import { stateTensor } from "../nn/layers/layer_context.ts";
import { type Program, program } from "../tensor/graph.ts";
import type { Tensor } from "../tensor/op.ts";
import { reshape, transpose } from "../tensor/ops/shape.ts";
import { input } from "../tensor/ops/source.ts";

/** The name of the input with normalised views or images. */
export const SEEN = "x";

/**
 * The program for a batch of `images`. Its inputs are {@link SEEN} and the tensors of the model's state; its outputs
 *
 *     logits        [N, classes]
 *     similarities  [N, P]         of each prototype to the image: what the last layer weighs
 *     maps          [N, P, H, W]   similarities of the positions of the feature map; for views [N, P, V, 1]
 *     distances     [N, P, H, W]   squared distances, likewise; absent for a model whose prototypes are channels
 */
export function exportedProgram({ description, model, state }: LoadedModel, images: number): Program {
  const { sees, compared } = definitionOf(description.model);
  const { width, height, viewsPerImage: views } = description;
  const context = { state: stateInputs(model), training: false, updated: new Map() };
  const x = input(SEEN, "float32", seenShape(sees, images, { views, width, height }));
  const { logits, maps, features } = model.explain(x, context, extraTensors(model));
  const similarities = scoresOf({ state }, { maps, features }, context);
  if (compared.kind === "channels") return program({ logits, similarities, maps });
  const distances = isProjectable(model)
    ? model.candidates(x, context).distances
    : squaredDistances(vectorsOf(features), stateTensor(context, PROTOTYPES));
  return program({
    logits,
    similarities,
    maps,
    distances: reshape(transpose(distances, [0, 2, 1]), maps.shape),
  });
}

/** The vectors [N, H·W, D] of features [N, D, H, W]. */
function vectorsOf(features: Tensor): Tensor {
  const [images, depth, height, width] = features.shape;
  return transpose(reshape(features, [images, depth, height * width]), [0, 2, 1]);
}
