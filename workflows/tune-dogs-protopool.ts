/** The search for the parameters of ProtoPool on Stanford Dogs. */
import { modelSearch } from "./searches/model_search.ts";

export default modelSearch("dogs-protopool");
