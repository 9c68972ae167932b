/** What the kind `prototype-images` needs: half of a GPU, which waits for views to be read. */
import { defineDemand } from "../../lib/flow/demand.ts";

/** The demand of the kind `prototype-images`. */
export default defineDemand({ gpu: 0.5 });
