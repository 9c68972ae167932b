/** The rows of the study on Stanford Cars: all four models, as published. */
import { ROWS_OF } from "./study/rows.ts";
import { studyOf } from "./study/study_of.ts";

export default studyOf("study-cars", "four models on Stanford Cars", ROWS_OF.cars);
