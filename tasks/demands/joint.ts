/** What the kind `joint` needs: a whole GPU for its training. */
import { defineDemand } from "../../lib/flow/demand.ts";
import { type ModelSizes, sizesOf, type ViewSizes } from "./sizes.ts";
import { trainingCost, type TrainingParams } from "./training_cost.ts";

/** The demand of the kind `joint`. */
export default defineDemand<TrainingParams>({
  gpu: 1,
  estimate(params, inputs) {
    const views = sizesOf<ViewSizes>(inputs, "views", "views");
    const state = sizesOf<ModelSizes>(inputs, "state", "description");
    if (views === undefined || state === undefined) return undefined;
    const validation = sizesOf<ViewSizes>(inputs, "validation", "views");
    return trainingCost(state.description, "joint", params, { views, validation });
  },
});
