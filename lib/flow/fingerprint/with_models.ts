/** The fingerprint of a kind that is extended by models of one's own: it covers the code of both. */

import { fileURLToPath } from "node:url";
import type { KindRegistry, ModelsToAdd } from "../kind.ts";
import { sha256Hex } from "../store/digest.ts";
import type { CodeIdentity, Fingerprint } from "./code_identity.ts";
import { fingerprintOf } from "./remembered.ts";

/**
 * @param names the models that the task uses
 * @param memory see `fingerprintOf`
 * @returns the kind's own fingerprint where its code does not reach the list of models
 * @throws BundleError, FingerprintError
 */
export async function fingerprintWithModels(
  kind: Fingerprint,
  names: readonly string[],
  { models, ownModels = {} }: KindRegistry,
  memory: string,
): Promise<{ readonly fingerprint: Fingerprint; readonly models?: ModelsToAdd }> {
  if (!models || names.length === 0 || !Object.hasOwn(kind.keys, fileURLToPath(models.list))) {
    return { fingerprint: kind };
  }
  const files = Object.fromEntries(names.map((name) => [name, ownModels[name]]));
  const parts = [kind, ...await Promise.all(names.map((name) => fingerprintOf(files[name], memory)))];
  const fingerprint: Fingerprint = {
    code: joined(parts.map(({ code }) => code), names),
    keys: Object.assign({}, ...parts.map(({ keys }) => keys)),
    reads: [...new Set(parts.flatMap(({ reads }) => reads))].sort(),
    impure: kind.impure,
  };
  return { fingerprint, models: { module: models.module.href, files } };
}

function joined(codes: readonly CodeIdentity[], names: readonly string[]): CodeIdentity {
  const versions = new Map<string, Set<string>>();
  for (const { packages } of codes) {
    for (const [name, version] of Object.entries(packages)) {
      versions.set(name, new Set([...versions.get(name) ?? [], ...version.split(", ")]));
    }
  }
  const bytes = codes.flatMap(({ packageBytes }) => packageBytes ?? []);
  return {
    digest: sha256Hex([...names, ...codes.map(({ digest }) => digest)].join("\n")),
    packages: Object.fromEntries([...versions].sort().map(([name, all]) => [name, [...all].join(", ")])),
    ...(bytes.length > 0 && { packageBytes: sha256Hex(bytes.join("\n")) }),
  };
}
