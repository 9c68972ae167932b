/** The search for the parameters of ProtoPNet on Stanford Cars. */
import { modelSearch } from "./searches/model_search.ts";

export default modelSearch("cars-protopnet");
