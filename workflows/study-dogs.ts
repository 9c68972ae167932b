/** The rows of the study on Stanford Dogs: all four models, as published. */
import { ROWS_OF } from "./study/rows.ts";
import { studyOf } from "./study/study_of.ts";

export default studyOf("study-dogs", "four models on Stanford Dogs", ROWS_OF.dogs);
