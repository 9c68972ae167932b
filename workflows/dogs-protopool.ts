/** ProtoPool on Stanford Dogs, cropped to the object. */
import { studyRow } from "./study/study_row.ts";

export default studyRow("dogs-protopool");
