/** ProtoMask on CUB-200-2011 with masks by SAM 2.1. */
import { studyRow } from "./study/study_row.ts";

export default studyRow("cub200-sam2");
