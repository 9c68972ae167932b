/** PIP-Net on CUB-200-2011, cropped to the object. */
import { studyRow } from "./study/study_row.ts";

export default studyRow("cub200-pipnet");
