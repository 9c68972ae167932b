/** ProtoPNet on whole images of CUB-200-2011. */
import { studyRow } from "./study/study_row.ts";

export default studyRow("cub200-protopnet-nc");
