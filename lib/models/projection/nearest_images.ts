/** Finds the images that are most similar to each prototype of a model. */

import { requireFinite } from "../../nn/finite.ts";
import type { Parameters } from "../../nn/parameters.ts";
import { ProgramCache } from "../../runtime/program_cache.ts";
import type { SessionOptions } from "../../runtime/session_options.ts";
import { type Program, program } from "../../tensor/graph.ts";
import type { HostTensor } from "../../tensor/host_tensor.ts";
import type { Tensor } from "../../tensor/op.ts";
import { max } from "../../tensor/ops/order.ts";
import { reshape } from "../../tensor/ops/shape.ts";
import { input } from "../../tensor/ops/source.ts";
import type { PrototypeModel } from "../prototypes/prototype_model.ts";
import type { Batches } from "../training/loop/epoch.ts";
import { BATCH, extraTensors, stateInputs } from "../training/step/batch_programs.ts";

/** A place of an image that is similar to a prototype. */
export interface SimilarPlace {
  readonly prototype: number;
  /** The index of the image in the order of the pass. */
  readonly image: number;
  /** Row and column of the feature map; for models of views, the number of the view and 0. */
  readonly position: readonly [number, number];
  readonly similarity: number;
}

/**
 * For each prototype the `count` images in which the largest value of its map is highest, the most similar first; ties
 * go to earlier images. Computed in evaluation mode.
 *
 * @param batches images in order, not augmented
 * @throws {NotFiniteError} if a similarity is not finite.
 */
export async function nearestImages(
  model: PrototypeModel,
  state: Parameters,
  batches: Batches,
  count: number,
  options: SessionOptions = {},
): Promise<SimilarPlace[]> {
  const programs = new ProgramCache(options);
  const found: SimilarPlace[][] = [];
  let images = 0;
  let columns = 1;
  try {
    for await (const { x, labels, extra } of batches) {
      const { similarities, positions } = await programs.run(
        x.shape.join(),
        () => {
          const built = similarityProgram(model, x.shape);
          columns = built.columns;
          return built.program;
        },
        { ...extra, [BATCH]: x },
        state,
      ) as Record<string, HostTensor>;
      const rows = labels.data.length;
      requireFinite(
        [["similarities", similarities]],
        `images ${images} to ${images + rows - 1}`,
        "check the model",
      );
      const [, prototypes] = similarities.shape;
      for (let prototype = 0; prototype < prototypes; prototype++) {
        const kept = found[prototype] ??= [];
        for (let row = 0; row < rows; row++) {
          const at = row * prototypes + prototype;
          const position = Number(positions.data[at]);
          kept.push({
            prototype,
            image: images + row,
            position: [Math.floor(position / columns), position % columns],
            similarity: Number(similarities.data[at]),
          });
        }
        // The sort is stable: earlier images stay before later ones.
        kept.sort((a, b) => b.similarity - a.similarity);
        kept.length = Math.min(kept.length, count);
      }
      images += rows;
    }
  } finally {
    await programs.release();
  }
  return found.flat();
}

/** The program that finds the largest value of each map of a batch of `shape`, and the number of columns of the maps. */
function similarityProgram(
  model: PrototypeModel,
  shape: readonly number[],
): { program: Program; columns: number } {
  const context = { state: stateInputs(model), training: false, updated: new Map<string, Tensor>() };
  const { maps } = model.explain(input(BATCH, "float32", shape), context, extraTensors(model));
  const [images, prototypes, height, width] = maps.shape;
  const { values, indices } = max(reshape(maps, [images, prototypes, height * width]), 2);
  return { program: program({ similarities: values, positions: indices }), columns: width };
}
