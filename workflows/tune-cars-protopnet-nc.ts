/** The search for the parameters of ProtoPNet on whole images of Stanford Cars. */
import { modelSearch } from "./searches/model_search.ts";

export default modelSearch("cars-protopnet-nc");
