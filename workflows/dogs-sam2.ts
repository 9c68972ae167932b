/** ProtoMask on Stanford Dogs with masks by SAM 2.1. */
import { studyRow } from "./study/study_row.ts";

export default studyRow("dogs-sam2");
