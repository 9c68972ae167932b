/** The search for the parameters of ProtoMask on Stanford Cars with masks by SAM 2.1. */
import { modelSearch } from "./searches/model_search.ts";

export default modelSearch("cars-sam2");
