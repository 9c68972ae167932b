/** The search for the parameters of PIP-Net on CUB-200-2011. */
import { modelSearch } from "./searches/model_search.ts";

export default modelSearch("cub200-pipnet");
