/** The search for the parameters of ProtoPNet on Stanford Dogs. */
import { modelSearch } from "./searches/model_search.ts";

export default modelSearch("dogs-protopnet");
