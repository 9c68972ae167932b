/** What the kind `project` needs: half of a GPU, which waits for views to be read. */
import { defineDemand } from "../../lib/flow/demand.ts";

/** The demand of the kind `project`. */
export default defineDemand({ gpu: 0.5 });
