/** ProtoPNet on whole images of Stanford Cars. */
import { studyRow } from "./study/study_row.ts";

export default studyRow("cars-protopnet-nc");
