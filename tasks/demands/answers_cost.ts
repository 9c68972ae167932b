/** The cost of a model's answers to all views of a split. */
import { definitionOf } from "../../lib/models/models.ts";
import { type ModelDescription, modelOf } from "../../lib/models/model_folder.ts";
import { bytesOf } from "../../lib/tensor/memory.ts";
import { answerCost } from "./model_cost.ts";
import { memoryMB, type ViewSizes } from "./sizes.ts";

/** Reading a view of 224 × 224 pixels, in seconds of one core. */
const SECONDS_A_VIEW = 0.002;

/** `model` is the bytes of the model's tensors. */
export function answersCost(
  description: ModelDescription,
  { images, views, width, height }: ViewSizes,
  batchSize: number = definitionOf(description.model).study.batchSize,
) {
  const batch = Math.min(batchSize, images);
  const { flop, bytes } = answerCost(description, batch);
  const model = modelOf(description).specs.reduce((sum, spec) => sum + bytesOf(spec), 0);
  return {
    images,
    flop: images / batch * flop,
    seconds: images * views * SECONDS_A_VIEW * width * height / 224 ** 2,
    memoryMB: memoryMB(bytes + 2 * model + 5 * 12 * batch * views * width * height),
    model,
  };
}
