/** Runs the cases of the suite "sam2": the image model and the automatic mask generator. */

import type { Runner } from "../case.ts";
import { modelRunners } from "./sam2_model.ts";

export const runners: Record<string, Runner> = { ...modelRunners };
