/** Measures which forms of a phase's operations are fastest on this machine. */

import type { Phase } from "../../../nn/optim/phases.ts";
import type { Forms } from "../../../runtime/forms.ts";
import type { SessionOptions } from "../../../runtime/session_options.ts";
import { tuneForms } from "../../../runtime/tuner.ts";
import type { PrototypeModel } from "../../prototypes/prototype_model.ts";
import { gradientProgram } from "../step/batch_programs.ts";
import { optimiserGroups } from "../step/phase_training.ts";

/**
 * The fastest forms for micro-batches of `shape`, [N, V, C, H, W]; other shapes use the default forms. The
 * result differs between machines and may differ between measurements, so it must be part of the key of
 * everything computed with it.
 */
export function tunePhase(
  model: PrototypeModel,
  phase: Phase,
  shape: readonly number[],
  options: SessionOptions,
): Promise<Forms> {
  const moved = optimiserGroups(model, phase).flatMap(({ parameters }) => parameters);
  return tuneForms(gradientProgram(model, phase, moved, shape, 1).program, options);
}
