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
  for (const [name, granted] of Object.entries(kind.permissions ?? {})) {
    const problem = permissionMistake(name, granted);
    if (problem) return `permissions.${name}: ${problem}`;
  }
  if (kind.runFacts) {
    const { output, placeholder } = kind.runFacts;
    if (!kind.outputs.includes(output)) {
      return `runFacts.output is ${output}, which is not one of its outputs`;
    }
    if (placeholder === "") return "runFacts.placeholder is empty; give a text of the file";
  }
  if (kind.published && !kind.outputs.includes(kind.published.output)) {
    return `published.output is ${kind.published.output}, which is not one of its outputs`;
  }
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

/** What a process could read by such a permission would be in no key. */
function permissionMistake(name: string, granted: unknown): string | undefined {
  switch (name) {
    case "net":
    case "env":
    case "sys":
      return undefined;
    case "ffi":
      if (granted === true) return undefined;
      return 'it is true or absent; name a library of your own as new URL("./name.so", import.meta.url)';
    case "read":
      return 'name each file as new URL("./file", import.meta.url) in the code, or make it an input of the task';
    case "run":
      return "what another program reads can't be told; make it a task of its own, of a kind with program";
    default:
      return "there is no such permission; known: net, env, ffi, sys";
  }
}
