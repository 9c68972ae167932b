/** The tables behind Figure 2: a mean for each rank of an image's masks. */

import { markdownTable } from "./markdown.ts";

/** The name of the column, the same for sizes and overlaps. */
const COLUMN = "Mean Mask Size";

/** Ranks are counted from 1. */
export function rankMarkdown(means: readonly number[]): string {
  return markdownTable([
    { header: "", numbers: means.map((_, rank) => rank + 1) },
    { header: COLUMN, numbers: means },
  ]);
}
