/** The known flaws of the reference implementation that affect an evaluation: those of metrics, and of predictions. */

import { METRIC_FLAWS } from "../metrics/fidelity.ts";
import { MODEL_FLAWS } from "../models/fidelity.ts";

/** All flaws that an evaluation needs a choice for. */
const NAMES = [...METRIC_FLAWS.names, "evaluation_noise"] as const;

const FLAWS = METRIC_FLAWS.with(MODEL_FLAWS);

/** The param `fidelity` of an evaluation: choices for the flaws that affect its figures. */
export const evaluationFidelity = FLAWS.param([
  "averaging",
  "sparse",
  "boxes",
  "consistencyMap",
  "unusedParts",
  "partIds",
  "filledBox",
  "peak",
  "boxIntersection",
  "changedImages",
  "perturbedMasks",
  "ratioClamp",
  "presence",
  "evaluation_noise",
], NAMES);

/** A choice for each flaw. */
export type EvaluationFidelity = ReturnType<typeof evaluationPreset>;

/** The same choice for all flaws. */
export function evaluationPreset(choice: "reference" | "intended") {
  return FLAWS.preset(choice, NAMES);
}
