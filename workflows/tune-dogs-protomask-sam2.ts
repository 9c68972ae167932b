/** The search for the parameters of ProtoMask on Stanford Dogs with masks by SAM 2.1. */
import { modelSearch } from "./searches/model_search.ts";

export default modelSearch("dogs-sam2");
