/** The models of cases by name. */

import type { ModelBuilder } from "./model_case.ts";
import { pipnet } from "./pipnet.ts";
import { protomask } from "./protomask.ts";
import { protopnet } from "./protopnet.ts";
import { protopool } from "./protopool.ts";

// deno-lint-ignore no-explicit-any -- a builder is only given models that it has built
const MODELS: Readonly<Record<string, ModelBuilder<any>>> = { pipnet, protomask, protopnet, protopool };

// deno-lint-ignore no-explicit-any -- as above
export function modelOf(name: string): ModelBuilder<any> {
  const model = MODELS[name];
  if (!model) throw new Error(`there is no model "${name}"`);
  return model;
}
