/** The whole study: 24 rows of four models on three data sets, each with four seeds, as published. */
import { ROWS } from "./study/rows.ts";
import { studyOf } from "./study/study_of.ts";

export default studyOf("study", "four models on three data sets", ROWS);
