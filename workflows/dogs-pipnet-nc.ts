/** PIP-Net on whole images of Stanford Dogs. */
import { studyRow } from "./study/study_row.ts";

export default studyRow("dogs-pipnet-nc");
