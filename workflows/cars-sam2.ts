/** ProtoMask on Stanford Cars with masks by SAM 2.1. */
import { studyRow } from "./study/study_row.ts";

export default studyRow("cars-sam2");
