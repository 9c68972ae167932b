/** What the kind `calibrate` needs: a whole GPU, whose speed it measures. */
import { defineDemand } from "../../lib/flow/demand.ts";

/** The demand of the kind `calibrate`. */
export default defineDemand({ gpu: 1 });
