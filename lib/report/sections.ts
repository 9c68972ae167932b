/** The sections of the report, in their order on the page. To add one, write its file and list it here. */

import curves from "./sections/curves.ts";
import explanations from "./sections/explanations.ts";
import images from "./sections/images.ts";
import masks from "./sections/masks.ts";
import mistakes from "./sections/mistakes.ts";
import prototypes from "./sections/prototypes.ts";
import removal from "./sections/removal.ts";
import segmentations from "./sections/segmentations.ts";
import study from "./sections/study.ts";
import tables from "./sections/tables.ts";
import values from "./sections/values.ts";
import variants from "./sections/variants.ts";
import { inputsOf } from "./page/section.ts";

export const SECTIONS = [
  study,
  tables,
  variants,
  curves,
  masks,
  explanations,
  segmentations,
  prototypes,
  mistakes,
  images,
  removal,
  values,
] as const;

/** The inputs of a report. */
export const REPORT_INPUTS = inputsOf(SECTIONS);
