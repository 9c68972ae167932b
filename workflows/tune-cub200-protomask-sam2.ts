/** The search for the parameters of ProtoMask on CUB-200-2011 with masks by SAM 2.1. */
import { modelSearch } from "./searches/model_search.ts";

export default modelSearch("cub200-sam2");
