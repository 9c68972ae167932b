/** Learns what keys depend on of a kind, so that no key ever stands for other code than is run. */

import { FlowError } from "../errors.ts";
import { changedFiles, editedSinceStart } from "../fingerprint/edited.ts";
import { grantedDigests, grantedNames } from "../key/environment.ts";
import { fingerprintKind } from "../fingerprint/remembered.ts";
import { fingerprintWithModels } from "../fingerprint/with_models.ts";
import type { AnyKind, KindRegistry } from "../kind.ts";
import type { RememberedKind } from "../snapshot/recall.ts";
import type { KnownKind } from "../key/resolve.ts";

/**
 * The identity of a kind's present code. The kind is imported at once only if no identity is remembered for it.
 *
 * The code of a kind that has a process of its own is read after its fingerprint was taken: `changedCode` tells whether
 * it was edited in between. A program's arguments are made by code that this process may have read long before.
 *
 * @param memory the folder (the store) that remembers fingerprints
 * @param names the models of one's own that its task uses
 * @throws FlowError; code-edited when a program is loaded to be run of which this process may have read other code
 */
export async function knowKind(
  name: string,
  registry: KindRegistry,
  memory: string,
  remembered?: RememberedKind,
  names: readonly string[] = [],
): Promise<KnownKind> {
  const alone = await fingerprintKind(name, registry, memory);
  const { fingerprint, models } = await fingerprintWithModels(alone, names, registry, memory);
  const read = async () => {
    const { KindError, loadKind } = await import("../definition/load_kinds.ts");
    const kind = await loadKind(name, registry);
    if (kind.program && fingerprint.impure) throw new KindError(name, impureProblem(fingerprint.impure));
    return { kind, edited: kind.program ? editedSinceStart(fingerprint) : [] };
  };
  let reading: ReturnType<typeof read> | undefined;
  const load = async () => {
    const { kind, edited } = await (reading ??= read());
    if (edited.length === 0) return kind;
    const files = edited.join(", ");
    throw new FlowError(
      "code-edited",
      `${files} was edited after this process had begun, which may have read kind ${name} before; run it again`,
    );
  };
  const known = remembered ?? describe((await (reading = read())).kind);
  const changedCode = known.isProgram ? () => [] : () => changedFiles(fingerprint);
  const { code, reads, keys } = fingerprint;
  return { ...known, code, reads, files: Object.keys(keys), models, load, changedCode };
}

function describe({ chain, program, permissions }: AnyKind): RememberedKind {
  const variables = grantedNames(permissions?.env);
  return {
    chain,
    isProgram: program !== undefined,
    isNative: permissions?.ffi !== undefined,
    variables,
    environment: grantedDigests(variables),
  };
}

/** The arguments of a program are computed in the engine's process, where nothing is forbidden. */
function impureProblem(place: string): string {
  return `${place}: the arguments and environment of a program must follow from the params alone, ` +
    "so its module must not reach for the system; use a kind with run for that";
}
