/** ProtoPNet on whole images of Stanford Dogs. */
import { studyRow } from "./study/study_row.ts";

export default studyRow("dogs-protopnet-nc");
