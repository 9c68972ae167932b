/** What the kind `fine-tune` needs: a whole GPU for its training. */
import { defineDemand } from "../../lib/flow/demand.ts";

/** The demand of the kind `fine-tune`. */
export default defineDemand({ gpu: 1 });
