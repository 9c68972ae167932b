/** ProtoMask on Stanford Cars with masks by SLIT. */
import { studyRow } from "./study/study_row.ts";

export default studyRow("cars-slit");
