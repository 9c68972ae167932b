/** The search for the parameters of ProtoMask on Stanford Dogs with masks by SLIT. */
import { modelSearch } from "./searches/model_search.ts";

export default modelSearch("dogs-slit");
