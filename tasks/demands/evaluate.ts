/** What the kind `evaluate` needs: half of a GPU, which waits for figures to be counted. */
import { defineDemand } from "../../lib/flow/demand.ts";
import { answersCost } from "./answers_cost.ts";
import { estimated, type ModelSizes, type SaliencySizes, sizesOf, type ViewSizes } from "./sizes.ts";

/** Comparing the maps of all images, whatever their number. */
const SECONDS = 0.8;
/** Measuring a map. */
const SECONDS_A_MAP = 0.004;

/** The demand of the kind `evaluate`. */
export default defineDemand<{ readonly batchSize: number }>({
  gpu: 0.5,
  estimate({ batchSize }, inputs) {
    const views = sizesOf<ViewSizes>(inputs, "views", "views");
    const model = sizesOf<ModelSizes>(inputs, "model", "description");
    if (views === undefined || model === undefined) return undefined;
    const { model: _, seconds, ...cost } = answersCost(model.description, views, batchSize);
    const maps = sizesOf<SaliencySizes>(inputs, "saliency", "maps")?.maps ?? 0;
    return estimated({
      ...cost,
      seconds: SECONDS + seconds + maps * SECONDS_A_MAP,
      bytes: 3000 * views.images,
    }, {});
  },
});
