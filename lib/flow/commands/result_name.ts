/** The name of the folder in which a result is placed: each profile and each override has one of its own. */

import { canonicalJson } from "../store/canonical_json.ts";
import { sha256Hex } from "../store/digest.ts";
import type { ExpandedWorkflow, Override, ResultRef } from "../definition/expanded.ts";
import type { Json } from "../json.ts";

/** File systems take names of up to 255 bytes, and the note of the folder has an ending. */
const LONGEST = 160;
const HASH_DIGITS = 8;

/**
 * `birds`, `birds-smoke` with a profile, `birds,joint.coefs.sep=0.1` with an override, `own-images,data.source=photographs-…`
 * where that is a path. An override that changes nothing is left out, and the values of an axis that `--set` made are named
 * as if each had been set alone.
 */
export function resultName(
  { name, overrides: { profile, changes } }: Pick<ExpandedWorkflow, "name" | "overrides">,
  { member }: Pick<ResultRef, "member">,
): string {
  const settings = new Map<string, unknown>();
  const before = new Map<string, Override>();
  for (const change of changes.filter(({ by }) => by === "set")) {
    settings.delete(change.field);
    if (!before.has(change.field)) before.set(change.field, change);
    if (!isIdle({ ...change, from: before.get(change.field)!.from })) {
      settings.set(change.field, change.axis === undefined ? change.to : member[change.axis]);
    }
  }
  const sorted = [...settings].sort(([a], [b]) => (a < b ? -1 : 1));
  const named = (show: (value: unknown) => string) =>
    [name, ...(profile === undefined ? [] : [`-${profile}`]), ...sorted.map(([f, v]) => `,${f}=${show(v)}`)]
      .join("");
  const full = named(text);
  const legal = named((value) => lastPart(text(value))).replaceAll(/[^\w.,=+-]/g, "_");
  if (legal === full && full.length <= LONGEST) return full;
  const hash = sha256Hex(full).slice(0, HASH_DIGITS);
  return `${legal.slice(0, LONGEST - HASH_DIGITS - 1)}-${hash}`;
}

/** Of a path the name of the file or folder. */
function lastPart(path: string): string {
  return path.replace(/^.*\/(?=[^/]+\/?$)/, "").replace(/\/$/, "");
}

/** Whether the value is that of the workflow. */
function isIdle({ from, to, axis }: Override): boolean {
  return axis === undefined && from !== undefined &&
    canonicalJson(from as Json) === canonicalJson(to as Json);
}

function text(value: unknown): string {
  if (Array.isArray(value)) return value.map(text).join("+");
  return typeof value === "object" && value !== null ? canonicalJson(value as Json) : String(value);
}
