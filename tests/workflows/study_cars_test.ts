/** The workflow `study-cars` on a miniature; a file of its own, so that it runs beside the other data sets. */

import { runRowsOnMiniature } from "./study_rows.ts";

Deno.test("all rows of study-cars run on a miniature of the data set, and each by itself reuses them", () =>
  runRowsOnMiniature("cars"));
