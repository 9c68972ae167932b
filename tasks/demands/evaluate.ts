/** What the kind `evaluate` needs: half of a GPU, which waits for figures to be counted. */
import { defineDemand } from "../../lib/flow/demand.ts";
import { answersCost } from "./answers_cost.ts";
import {
  type DataSizes,
  estimated,
  type ModelSizes,
  type SaliencySizes,
  sizesOf,
  type ViewSizes,
} from "./sizes.ts";

interface Params {
  readonly techniques: readonly string[];
  readonly batchSize: number;
}

/** Reading annotations and measuring the first image, by code that is not yet compiled. */
const SECONDS = 0.2;
/** Measuring a map, by its pixels. */
const SECONDS_A_MAP_PIXEL = 1.2e-7;
/** Drawing an explained image without the parts that explain it, by its pixels. */
const SECONDS_A_REDRAWN_PIXEL = 4e-7;

/** The demand of the kind `evaluate`. */
export default defineDemand<Params>({
  gpu: 0.5,
  estimate({ techniques, batchSize }, inputs) {
    const views = sizesOf<ViewSizes>(inputs, "views", "views");
    const model = sizesOf<ModelSizes>(inputs, "model", "description");
    if (views === undefined || model === undefined) return undefined;
    const { model: _, seconds, ...cost } = answersCost(model.description, views, batchSize);
    const { images, maps } = sizesOf<SaliencySizes>(inputs, "saliency", "maps") ?? { images: 0, maps: 0 };
    const data = sizesOf<DataSizes>(inputs, "data", "drawn");
    const redrawn = data?.drawn && techniques.includes("part-removal")
      ? images * data.width * data.height
      : 0;
    return estimated({
      ...cost,
      seconds: SECONDS + seconds + maps * views.width * views.height * SECONDS_A_MAP_PIXEL +
        redrawn * SECONDS_A_REDRAWN_PIXEL,
      bytes: 3000 * views.images,
    }, {});
  },
});
