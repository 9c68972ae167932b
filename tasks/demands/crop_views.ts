/** What the kind `crop-views` needs. */
import { defineDemand } from "../../lib/flow/demand.ts";
import { BY_ITEM, type DataSizes, estimated, memoryMB, sizesOf, type ViewSizes } from "./sizes.ts";

interface Params {
  readonly split: "train" | "test";
  readonly numMasks?: number;
  readonly width: number;
  readonly height: number;
}

/** Decoding by the pixels of the image, and resampling by those of a view. */
const SECONDS_A_PIXEL = 6e-8;
const SECONDS_A_VIEW_PIXEL = 6e-8;

/** The demand of the kind `crop-views`. */
export default defineDemand<Params>({
  estimate({ split, numMasks = 1, width, height }, inputs) {
    const data = sizesOf<DataSizes>(inputs, "data", "train");
    if (data === undefined) return undefined;
    const images = data[split];
    const area = data.width * data.height;
    const views: ViewSizes = { images, classes: data.classes, views: numMasks, width, height };
    return estimated({
      ...BY_ITEM,
      images,
      seconds: images * (area * SECONDS_A_PIXEL + numMasks * width * height * SECONDS_A_VIEW_PIXEL),
      bytes: images * numMasks * width * height * 3,
      memoryMB: memoryMB(20 * area + 2 * numMasks * width * height * 3, images),
    }, views);
  },
});
