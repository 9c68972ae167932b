/** What the kind `report` needs. */
import { PROCESS_MB } from "../../lib/runtime/process_memory.ts";
import { defineDemand } from "../../lib/flow/demand.ts";
import { estimated } from "./sizes.ts";

/** The demand of the kind `report`. */
export default defineDemand({
  estimate: () => estimated({ seconds: 0.6, bytes: 30e6, memoryMB: PROCESS_MB }, {}),
});
