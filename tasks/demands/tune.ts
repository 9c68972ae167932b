/** What the kind `tune` needs: a whole GPU, whose speed it measures. */
import { defineDemand } from "../../lib/flow/demand.ts";

/** The demand of the kind `tune`. */
export default defineDemand({ gpu: 1 });
