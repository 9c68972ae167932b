/** The probabilities of classes that a model's logits stand for in its loss. */

import type { LoadedModel } from "../models/model_folder.ts";
import { definitionOf } from "../models/models.ts";

/** PIP-Net's exponent ν. */
const EXPONENT = "last_layer.normalization_multiplier";

/**
 * The softmax of the logits; for PIP-Net that of ln(1 + logits^ν), as its cross entropy has it.
 *
 * @param logits one for each class
 */
export function probabilities(
  { description, state }: Pick<LoadedModel, "description" | "state">,
  logits: Float32Array,
): number[] {
  const isAmplified = definitionOf(description.model).compared.kind === "channels";
  const exponent = isAmplified ? Number(state.get(EXPONENT)!.data[0]) : undefined;
  const scores = Array.from(
    logits,
    (logit) => exponent === undefined ? logit : Math.log1p(logit ** exponent),
  );
  const most = Math.max(...scores);
  const shares = scores.map((score) => Math.exp(score - most));
  const sum = shares.reduce((a, b) => a + b, 0);
  return shares.map((share) => share / sum);
}
