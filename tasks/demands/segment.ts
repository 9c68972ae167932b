/** What the kind `segment` needs: for methods with a network a quarter of a GPU, which waits for masks to be sorted. */
import { defineDemand } from "../../lib/flow/demand.ts";
import { methodOf, type SegmentMethod } from "../../lib/segment/methods.ts";
import { NETWORK_CPU } from "../../lib/segment/methods/method.ts";
import { operationsOf, preparationOf } from "./operations.ts";
import { BY_ITEM, type DataSizes, estimated, type FileSizes, memoryMB, sizesOf } from "./sizes.ts";

/** The demand of the kind `segment`. */
export default defineDemand<{ readonly method: SegmentMethod }>({
  gpu: ({ method }) => methodOf(method).cpu === NETWORK_CPU ? 0.25 : 0,
  async estimate({ method }, inputs) {
    const data = sizesOf<DataSizes>(inputs, "data", "train");
    if (data === undefined) return undefined;
    const { maskCost } = await import("./mask_cost.ts");
    const stored = (inputs.embeddings ?? []).length > 0;
    const cost = maskCost(method, data, sizesOf<FileSizes>(inputs, "weights", "bytes")?.bytes, stored);
    const images = data.train + data.test;
    return estimated({
      ...BY_ITEM,
      // The results of items are its output as they are.
      starts: BY_ITEM.starts - 1,
      images,
      flop: images * cost.flop,
      operations: operationsOf(...cost.runs.map(([one, times]) => [one, images * times] as const)),
      preparation: preparationOf(
        cost.runs.reduce((sum, [{ nodes }]) => sum + nodes, 0),
        cost.flop > 0 ? 1 : 0,
      ),
      seconds: images * cost.seconds,
      bytes: images * cost.bytes,
      memoryMB: memoryMB(cost.memory, images, { computes: cost.flop > 0 }),
    }, {});
  },
});
