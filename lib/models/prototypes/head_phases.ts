/** What each phase trains of models with prototype vectors: the head, then the backbone too, then the last layer alone. */

import type { Fidelity } from "../../fidelity.ts";
import type { Phase } from "../../nn/optim/phases.ts";
import { group, LAST_LAYER } from "./head.ts";
import type { PrototypeModel, RateGroup } from "./prototype_model.ts";

/** The parts of a model that its phases train. */
export interface TrainedParts {
  readonly backboneParameters: readonly string[];
  /** Parameters with a gradient in the joint phase, those of the backbone among them, in the order of their gradients. */
  readonly joint: readonly string[];
  /** The groups of the head in the order of the optimiser's steps; they come after that of the backbone. */
  readonly headGroups: readonly RateGroup[];
  /** `reference`: running statistics also move in phases that leave the backbone alone. */
  readonly frozenStatistics: Fidelity;
}

/**
 * The members of a {@link PrototypeModel} that say what a phase trains: the warm-up all of `joint` but the backbone, the
 * fine-tune phase the last layer.
 */
export function headPhases(
  { backboneParameters, joint, headGroups, frozenStatistics }: TrainedParts,
): Pick<PrototypeModel, "trainable" | "gradients" | "groups" | "movesStatistics"> {
  const ofBackbone = new Set(backboneParameters);
  const head = joint.filter((name) => !ofBackbone.has(name));
  const trained = (phase: Phase) => {
    if (phase === "fine_tune") return [LAST_LAYER];
    return phase === "joint" ? joint : head;
  };
  return {
    trainable: trained,
    gradients: trained,
    groups(phase) {
      if (phase === "fine_tune") return [group("last_layer", [LAST_LAYER])];
      return phase === "joint" ? [group("backbone", backboneParameters), ...headGroups] : headGroups;
    },
    movesStatistics: (phase) => phase === "joint" || frozenStatistics === "reference",
  };
}
