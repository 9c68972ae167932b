/** What the kind `prp` needs: a quarter of a GPU, which waits for maps to be written. */
import { defineDemand } from "../../lib/flow/demand.ts";

/** The demand of the kind `prp`. */
export default defineDemand({ gpu: 0.25 });
