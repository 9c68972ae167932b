/** The models of cases by name. */

import type { ModelBuilder } from "./model_case.ts";
import { protomask } from "./protomask.ts";

const MODELS: Readonly<Record<string, ModelBuilder>> = { protomask };

export function modelOf(name: string): ModelBuilder {
  const model = MODELS[name];
  if (!model) throw new Error(`there is no model "${name}"`);
  return model;
}
