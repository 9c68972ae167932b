/** The search for the parameters of ProtoMask on Stanford Cars with masks by SLIT. */
import { modelSearch } from "./searches/model_search.ts";

export default modelSearch("cars-slit");
