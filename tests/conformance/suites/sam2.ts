/** Runs the cases of the suite "sam2": the image model and the automatic mask generator. */

import type { Runner } from "../case.ts";
import { generatorRunners } from "./sam2_generator.ts";
import { modelRunners } from "./sam2_model.ts";

export const runners: Record<string, Runner> = { ...modelRunners, ...generatorRunners };
