/** The cost of a model's answers to all views of a split. */
import { definitionOf } from "../../lib/models/models.ts";
import { type ModelDescription, modelOf } from "../../lib/models/model_folder.ts";
import { bytesOf } from "../../lib/tensor/memory.ts";
import { answerCost } from "./model_cost.ts";
import { operationsOf, preparationOf } from "./operations.ts";
import { memoryMB, MODEL_SECONDS, readingSeconds, type ViewSizes } from "./sizes.ts";

/** `model` is the bytes of the model's tensors. */
export function answersCost(
  description: ModelDescription,
  seen: ViewSizes,
  batchSize: number = definitionOf(description.model).study.batchSize,
) {
  const { images, views, width, height } = seen;
  const batch = Math.min(batchSize, images);
  const cost = answerCost(description, batch);
  const model = modelOf(description).specs.reduce((sum, spec) => sum + bytesOf(spec), 0);
  return {
    images,
    flop: images / batch * cost.flop,
    operations: operationsOf([cost, images / batch]),
    // The last batch of a split may have another shape, and so a program of its own.
    preparation: preparationOf(cost.nodes * (images % batch === 0 ? 1 : 2)),
    seconds: MODEL_SECONDS + readingSeconds(images * views, seen),
    memoryMB: memoryMB(cost.bytes + 2 * model + 5 * 12 * batch * views * width * height, images, {
      computes: true,
    }),
    model,
  };
}
