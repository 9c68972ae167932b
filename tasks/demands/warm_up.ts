/** What the kind `warm-up` needs: a whole GPU for its training. */
import { defineDemand } from "../../lib/flow/demand.ts";

/** The demand of the kind `warm-up`. */
export default defineDemand({ gpu: 1 });
