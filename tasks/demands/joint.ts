/** What the kind `joint` needs: a whole GPU for its training. */
import { defineDemand } from "../../lib/flow/demand.ts";

/** The demand of the kind `joint`. */
export default defineDemand({ gpu: 1 });
