/** What the kind `prototype-images` needs: half of a GPU, which waits for views to be read. */
import { defineDemand } from "../../lib/flow/demand.ts";
import { answersCost } from "./answers_cost.ts";
import { estimated, type ModelSizes, sizesOf, type ViewSizes } from "./sizes.ts";

/** The demand of the kind `prototype-images`. */
export default defineDemand({
  gpu: 0.5,
  estimate(_: unknown, inputs) {
    const views = sizesOf<ViewSizes>(inputs, "views", "views");
    const state = sizesOf<ModelSizes>(inputs, "model", "description");
    if (views === undefined || state === undefined) return undefined;
    const { model: _model, ...cost } = answersCost(state.description, views);
    return estimated({ ...cost, bytes: 500_000 }, {});
  },
});
