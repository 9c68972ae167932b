/** The search for the parameters of ProtoPool on Stanford Cars. */
import { modelSearch } from "./searches/model_search.ts";

export default modelSearch("cars-protopool");
