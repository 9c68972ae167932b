/** The two tables of the paper: their names, files, contents and columns. */

import { EXPLANATION_COLUMNS, PERFORMANCE_COLUMNS } from "../../evaluate/evaluation_file.ts";

/** Tables I and II. */
export const PAPER_TABLES = [
  { name: "Table I", file: "table-1", what: "Performance and compactness", columns: PERFORMANCE_COLUMNS },
  {
    name: "Table II",
    file: "table-2",
    what: "Contrastivity and complexity of the explanations",
    columns: EXPLANATION_COLUMNS,
  },
];
