/** What the kind `download` needs: time by the size of the file. */
import { PROCESS_MB } from "../../lib/runtime/process_memory.ts";
import { defineDemand } from "../../lib/flow/demand.ts";
import { estimated, type FileSizes } from "./sizes.ts";

/** Of a connection of 100 Mbit/s. */
const BYTES_A_SECOND = 12.5e6;

/** The demand of the kind `download`. */
export default defineDemand<{ readonly size?: number }>({
  estimate: ({ size }) =>
    size === undefined ? undefined : estimated(
      { seconds: size / BYTES_A_SECOND, bytes: size, memoryMB: PROCESS_MB },
      { bytes: size } satisfies FileSizes,
    ),
});
