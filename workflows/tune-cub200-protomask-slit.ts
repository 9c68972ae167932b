/** The search for the parameters of ProtoMask on CUB-200-2011 with masks by SLIT. */
import { modelSearch } from "./searches/model_search.ts";

export default modelSearch("cub200-slit");
