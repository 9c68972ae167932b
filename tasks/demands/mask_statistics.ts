/** What the kind `mask-statistics` needs. */
import { defineDemand } from "../../lib/flow/demand.ts";
import { BY_ITEM, type DataSizes, estimated, memoryMB, sizesOf } from "./sizes.ts";

/** Comparing all pairs of masks, whatever their size. */
const SECONDS_AN_IMAGE = 0.005;
/** By the pixels of an image. */
const SECONDS_A_PIXEL = 1e-7;

/** The demand of the kind `mask-statistics`. */
export default defineDemand({
  estimate(_: unknown, inputs) {
    const data = sizesOf<DataSizes>(inputs, "data", "train");
    if (data === undefined) return undefined;
    const images = data.train + data.test;
    const area = data.width * data.height;
    const bytes = 2000 * images;
    return estimated({
      ...BY_ITEM,
      images,
      seconds: images * (SECONDS_AN_IMAGE + area * SECONDS_A_PIXEL),
      bytes,
      memoryMB: memoryMB(300 * area, images),
    }, {});
  },
});
