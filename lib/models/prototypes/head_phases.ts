/**
 * The parameters that each phase trains in models with prototype vectors: the head, then also the backbone,
 * then only the last layer.
 */

import type { Fidelity } from "../../fidelity.ts";
import type { Phase } from "../../nn/optim/phases.ts";
import { group, LAST_LAYER } from "./head.ts";
import type { PrototypeModel, RateGroup } from "./prototype_model.ts";

/** The parts of a model that the phases train. */
export interface TrainedParts {
  readonly backboneParameters: readonly string[];
  /**
   * The parameters with a gradient in the joint phase, including those of the backbone, in the order of their
   * gradients.
   */
  readonly joint: readonly string[];
  /**
   * The groups of the head in the order of the optimiser's steps; they come after the group of the backbone.
   */
  readonly headGroups: readonly RateGroup[];
  /** `reference`: running statistics are also updated in phases that do not train the backbone. */
  readonly frozenStatistics: Fidelity;
}

/**
 * The members of a {@link PrototypeModel} that define the parameters of each phase: the warm-up trains all of
 * `joint` except the backbone; the fine-tune phase trains the last layer.
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
