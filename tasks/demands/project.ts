/** What the kind `project` needs: half of a GPU, which waits for views to be read. */
import { defineDemand } from "../../lib/flow/demand.ts";
import { answersCost } from "./answers_cost.ts";
import { estimated, type ModelSizes, sizesOf, type ViewSizes } from "./sizes.ts";

/** The demand of the kind `project`. The state that it keeps is a training's: the model with gradients and moments. */
export default defineDemand<{ readonly batchSize?: number }>({
  gpu: 0.5,
  estimate({ batchSize }, inputs) {
    const views = sizesOf<ViewSizes>(inputs, "views", "views");
    const state = sizesOf<ModelSizes>(inputs, "state", "description");
    if (views === undefined || state === undefined) return undefined;
    const { model, ...cost } = answersCost(state.description, views, batchSize);
    return estimated({ ...cost, bytes: 4 * model }, state);
  },
});
