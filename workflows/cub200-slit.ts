/** ProtoMask on CUB-200-2011 with masks by SLIT. */
import { studyRow } from "./study/study_row.ts";

export default studyRow("cub200-slit");
