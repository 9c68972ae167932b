/** Imports the kinds that a workflow names, and checks that they keep the rules of kinds. */
import { FlowError } from "../errors.ts";
import type { AnyKind, KindRegistry } from "../kind.ts";
import { fieldNames, looseObject } from "./schema.ts";

/** A kind that breaks a rule of kinds: a mistake in its file, not in a workflow. */
export class KindError extends FlowError {
  constructor(kind: string, message: string) {
    super("kind", `kind ${kind}: ${message}`);
  }
}

/**
 * The kind of a name that is in the registry, imported at most once.
 * @throws KindError
 */
export async function loadKind(name: string, registry: KindRegistry): Promise<AnyKind> {
  const load = Object.hasOwn(registry.kinds, name) ? registry.kinds[name] : undefined;
  if (!load) {
    throw new KindError(name, `there is none of this name; known: ${Object.keys(registry.kinds).join(", ")}`);
  }
  const { default: kind } = await load();
  const mistake = mistakeOf(kind, name);
  if (mistake) throw new KindError(name, mistake);
  return kind;
}

function mistakeOf(kind: AnyKind, name: string): string | undefined {
  if (kind?.name !== name) return `its file must export default defineTask({ name: "${name}", … })`;
  const loose = looseObject(kind.params);
  if (loose) return `${loose} is an object that accepts unknown fields; use z.strictObject`;
  const ways = [kind.run, kind.program, kind.items].filter((way) => way !== undefined).length;
  if (ways !== 1) return "it needs one of run, program and items";
  if (kind.chain) {
    const params = fieldNames([kind.params]);
    for (const field of ["steps", "segment"] as const) {
      const param = kind.chain[field];
      if (!params.includes(param)) return `chain.${field} is ${param}, which is not one of its params`;
    }
    if (!kind.outputs.includes(kind.chain.state)) {
      return `chain.state is ${kind.chain.state}, which is not one of its outputs`;
    }
  }
}
