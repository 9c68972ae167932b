/** Manifests: the one way from an action's dependencies to its key, which is also what `why` compares. */
import { sha256Hex } from "./digest.ts";
import { canonicalJson } from "./canonical_json.ts";
import { type ActionKey, type Manifest, MANIFEST_SCHEMA } from "./types.ts";

/** A manifest of the present schema, with its outputs in order. */
export function manifestOf(parts: Omit<Manifest, "schema">): Manifest {
  return { schema: MANIFEST_SCHEMA, ...parts, outputs: [...parts.outputs].sort() };
}

/**
 * The key of an action: SHA-256 of the canonical JSON of its manifest.
 *
 * @throws TypeError where a param has no JSON form; an action without a key cannot be kept.
 */
export function actionKey(manifest: Manifest): ActionKey {
  return sha256Hex(canonicalJson(manifest)) as ActionKey;
}
