/** ProtoPNet on Stanford Cars, cropped to the object. */
import { studyRow } from "./study/study_row.ts";

export default studyRow("cars-protopnet");
