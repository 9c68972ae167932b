/** The search for the parameters of PIP-Net on Stanford Dogs. */
import { modelSearch } from "./searches/model_search.ts";

export default modelSearch("dogs-pipnet");
