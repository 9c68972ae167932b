/** What the kind `fine-tune` needs: a whole GPU for its training. */
import { trainingDemand } from "./training_cost.ts";

/** The demand of the kind `fine-tune`. */
export default trainingDemand("fine_tune");
