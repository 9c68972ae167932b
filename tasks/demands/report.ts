/** What the kind `report` needs. */
import { defineDemand } from "../../lib/flow/demand.ts";
import { estimated, PROCESS_MB } from "./sizes.ts";

/** The demand of the kind `report`. */
export default defineDemand({
  estimate: () => estimated({ seconds: 10, bytes: 30e6, memoryMB: PROCESS_MB }, {}),
});
