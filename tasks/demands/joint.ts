/** What the kind `joint` needs: a whole GPU for its training. */
import { trainingDemand } from "./training_cost.ts";

/** The demand of the kind `joint`. */
export default trainingDemand("joint");
