/** ProtoMask on Stanford Dogs with masks by SLIT. */
import { studyRow } from "./study/study_row.ts";

export default studyRow("dogs-slit");
