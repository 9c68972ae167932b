/** What the kind `embed` needs: a quarter of a GPU, which waits for images to be read. */
import { defineDemand } from "../../lib/flow/demand.ts";

/** The demand of the kind `embed`. */
export default defineDemand({ gpu: 0.25 });
