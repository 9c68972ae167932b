/** The methods of explanation, and the models that each can explain. */

import type { ModelDefinition } from "../models/model_definition.ts";

/**
 * `prp`: prototype relevance propagation; `upscale`: the map of similarities, resized; `mask`: the mask of the view
 * that is most similar to the prototype.
 */
export const SALIENCY_METHODS = ["prp", "upscale", "mask"] as const;

/** One of {@link SALIENCY_METHODS}. */
export type SaliencyMethod = typeof SALIENCY_METHODS[number];

/** A method that can't explain a model. */
export class MethodError extends Error {
  override readonly name = "MethodError";
}

/** @throws {MethodError} if the method can't explain the model. */
export function requireMethod(
  method: SaliencyMethod,
  { name, sees }: Pick<ModelDefinition, "name" | "sees">,
): void {
  const usable = SALIENCY_METHODS.filter((one) => one !== (sees === "views" ? "upscale" : "mask"));
  if (usable.includes(method)) return;
  const reason = method === "mask"
    ? "has no views cut by masks: it sees one view of each image"
    : "has no map of similarities: it compares each view as a whole";
  throw new MethodError(
    `the method "${method}" can't explain ${name}, which ${reason}; use ${usable.join(" or ")}`,
  );
}
