/** The prototypes of an evaluated model: their vectors and weights, and their entries in an evaluation. */

import { usedPrototypes, WEIGHT_EPSILON } from "../metrics/compactness/class_layer.ts";
import { presentPrototypes } from "../metrics/compactness/presence.ts";
import type { MetricFidelity } from "../metrics/fidelity.ts";
import { topIndices } from "../metrics/selection.ts";
import type { LoadedModel } from "../models/model_folder.ts";
import { isProjectable } from "../models/prototypes/prototype_model.ts";
import {
  lastLayer,
  presenceLogits,
  prototypeVectors,
  prototypeWeights,
} from "../models/prototypes/prototype_weights.ts";
import type { HostTensor } from "../tensor/host_tensor.ts";
import type { KeptAnswer } from "./answer_facts.ts";
import type { EvaluatedPrototype } from "./evaluation_file.ts";
import { nearestPrototypes } from "./nearest_prototypes.ts";

/** The largest number of classes listed for a prototype. */
const NAMED_CLASSES = 3;

/** The prototypes of a model. */
export interface ModelPrototypes {
  /** The number of prototypes, P. */
  readonly count: number;
  /** [P, D], if the prototypes have vectors */
  readonly vectors?: HostTensor<"float32">;
  /** The weights of the last layer, [classes, P] or [classes, slots]. */
  readonly lastLayer: HostTensor<"float32">;
  /** The weight of every prototype for every class, [classes, P]. */
  readonly weights: HostTensor<"float32">;
  /** Whether each is used; the global size counts these. */
  readonly isActive: readonly boolean[];
  /** The class of each, if it belongs to one. */
  readonly labels?: readonly number[];
}

/** @param presence how prototypes are counted that slots select */
export function prototypesOf(
  { model, state }: Pick<LoadedModel, "model" | "state">,
  presence: MetricFidelity["presence"],
): ModelPrototypes {
  const logits = presenceLogits(state);
  const weights = prototypeWeights(state);
  return {
    count: weights.shape[1],
    vectors: prototypeVectors(state),
    lastLayer: lastLayer(state),
    weights,
    isActive: logits ? presentPrototypes(logits, WEIGHT_EPSILON, presence) : usedPrototypes(weights),
    ...(isProjectable(model) && { labels: model.prototypeClasses }),
  };
}

/** @param consistency in percent, of the prototypes for which it is known */
export function prototypeFacts(
  { count, vectors, weights, isActive, labels }: ModelPrototypes,
  answers: readonly KeptAnswer[],
  consistency: ReadonlyMap<number, number>,
): EvaluatedPrototype[] {
  const occurrences = new Array<number>(count).fill(0);
  for (const { top } of answers) for (const { prototype } of top) occurrences[prototype]++;
  const nearest = vectors ? nearestPrototypes(vectors) : [];
  return Array.from({ length: count }, (_, prototype) => {
    const known = consistency.get(prototype);
    const like = nearest[prototype];
    return {
      prototype,
      ...classFacts(weights, prototype, labels?.[prototype]),
      isActive: isActive[prototype],
      occurrences: occurrences[prototype],
      ...(like && { nearest: like }),
      ...(known !== undefined && { consistency: known }),
    };
  });
}

/** @param label the prototype's class, if it belongs to one */
function classFacts(
  { shape: [classes, count], data }: HostTensor<"float32">,
  prototype: number,
  label: number | undefined,
): Pick<EvaluatedPrototype, "label" | "weight" | "classes"> {
  if (label !== undefined) return { label, weight: data[label * count + prototype] };
  const weights = Float32Array.from({ length: classes }, (_, c) => data[c * count + prototype]);
  const named = topIndices(weights, Math.min(NAMED_CLASSES, classes));
  return {
    weight: weights[named[0]],
    classes: named.filter((c) => weights[c] > Math.fround(WEIGHT_EPSILON))
      .map((label) => ({ label, weight: weights[label] })),
  };
}
