/** What the kind `embed` needs: a quarter of a GPU, which waits for images to be read. */
import { defineDemand } from "../../lib/flow/demand.ts";
import { operationsOf, preparationOf } from "./operations.ts";
import { BY_ITEM, type DataSizes, estimated, type FileSizes, memoryMB, sizesOf } from "./sizes.ts";

interface Params {
  readonly name: "sam2" | "mobile-sam";
  readonly cropLayers?: number;
}

/** Bytes of the stored embedding of a crop. */
const BYTES = { sam2: 26e6, "mobile-sam": 4e6 } as const;

/** The demand of the kind `embed`. */
export default defineDemand<Params>({
  gpu: 0.25,
  async estimate({ name, cropLayers = 0 }, inputs) {
    const data = sizesOf<DataSizes>(inputs, "data", "train");
    if (data === undefined) return undefined;
    const { cropCounts, encoderCost } = await import("./mask_cost.ts");
    const images = data.train + data.test;
    const { crops } = cropCounts(1, cropLayers, 1);
    const weights = sizesOf<FileSizes>(inputs, "weights", "bytes")?.bytes;
    const encoder = encoderCost(name, weights);
    const bytes = crops * BYTES[name];
    return estimated({
      ...BY_ITEM,
      images,
      flop: images * crops * encoder.flop,
      operations: operationsOf([encoder, images * crops]),
      preparation: preparationOf(encoder.nodes),
      bytes: images * bytes,
      memoryMB: memoryMB(2e9, images, { computes: true }),
    }, {});
  },
});
