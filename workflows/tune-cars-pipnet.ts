/** The search for the parameters of PIP-Net on Stanford Cars. */
import { modelSearch } from "./searches/model_search.ts";

export default modelSearch("cars-pipnet");
