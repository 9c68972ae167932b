/** The search for the parameters of SLIT. */
import { segmentationSearch } from "./searches/segmentation_search.ts";

export default segmentationSearch("slit");
