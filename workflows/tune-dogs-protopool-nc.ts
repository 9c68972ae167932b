/** The search for the parameters of ProtoPool on whole images of Stanford Dogs. */
import { modelSearch } from "./searches/model_search.ts";

export default modelSearch("dogs-protopool-nc");
