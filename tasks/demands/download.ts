/** What the kind `download` needs: time by the size of the file. */
import { defineDemand } from "../../lib/flow/demand.ts";
import { estimated, type FileSizes, memoryMB } from "./sizes.ts";

/** Of a connection of 100 Mbit/s. */
const BYTES_A_SECOND = 12.5e6;

/** The demand of the kind `download`. */
export default defineDemand<{ readonly size?: number }>({
  estimate: ({ size }) =>
    size === undefined ? undefined : estimated(
      { seconds: size / BYTES_A_SECOND, bytes: size, memoryMB: memoryMB(0, 0) },
      { bytes: size } satisfies FileSizes,
    ),
});
