/** The search for the parameters of PIP-Net on whole images of Stanford Dogs. */
import { modelSearch } from "./searches/model_search.ts";

export default modelSearch("dogs-pipnet-nc");
