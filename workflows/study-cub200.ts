/** The rows of the study on CUB-200-2011: all four models, as published. */
import { ROWS_OF } from "./study/rows.ts";
import { studyOf } from "./study/study_of.ts";

export default studyOf("study-cub200", "four models on CUB-200-2011", ROWS_OF.cub200);
