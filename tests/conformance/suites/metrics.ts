/** Runs the cases of the suite "metrics". */

import type { Runner } from "../case.ts";
import { complexityRunners } from "./metrics/complexity.ts";
import { continuityRunners } from "./metrics/continuity.ts";
import { contrastivityRunners } from "./metrics/contrastivity.ts";
import { generalRunners } from "./metrics/general.ts";
import { maskRunners } from "./metrics/masks.ts";
import { techniqueRunners } from "./metrics/techniques.ts";

export const runners: Record<string, Runner> = {
  ...generalRunners,
  ...maskRunners,
  ...contrastivityRunners,
  ...complexityRunners,
  ...continuityRunners,
  ...techniqueRunners,
};
