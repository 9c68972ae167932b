/**
 * The list of models. To add a model to the project, write its definition and add it here; models of one's own are added by
 * `own_model.ts`, before any other module reads the list.
 */

import { pipNetDefinition } from "./definitions/pipnet.ts";
import { protoMaskDefinition } from "./definitions/protomask.ts";
import { protoPNetDefinition } from "./definitions/protopnet.ts";
import { protoPoolDefinition } from "./definitions/protopool.ts";
import type { ModelDefinition } from "./model_definition.ts";

/** All models. */
export const MODELS = [
  protoMaskDefinition,
  protoPNetDefinition,
  protoPoolDefinition,
  pipNetDefinition,
] as const;

/** All models by name. */
export const BY_NAME = new Map<string, ModelDefinition>(
  (MODELS as unknown as readonly ModelDefinition[]).map((definition) => [definition.name, definition]),
);
