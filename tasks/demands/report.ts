/** What the kind `report` needs. */
import { defineDemand } from "../../lib/flow/demand.ts";
import { type DataSizes, estimated, memoryMB } from "./sizes.ts";

/** The demand of the kind `report`. */
export default defineDemand({
  estimate(_: unknown, inputs) {
    const data = (inputs.data ?? []) as readonly Partial<DataSizes>[];
    const images = data.reduce((sum, { train = 0, test = 0 }) => sum + train + test, 0);
    return estimated({ seconds: 0.6, bytes: 30e6, memoryMB: memoryMB(0, images) }, {});
  },
});
