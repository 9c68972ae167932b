/** The search for the parameters of SAM 2.1. */
import { segmentationSearch } from "./searches/segmentation_search.ts";

export default segmentationSearch("sam2");
