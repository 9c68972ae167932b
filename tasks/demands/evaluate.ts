/** What the kind `evaluate` needs: half of a GPU, which waits for figures to be counted. */
import { defineDemand } from "../../lib/flow/demand.ts";

/** The demand of the kind `evaluate`. */
export default defineDemand({ gpu: 0.5 });
