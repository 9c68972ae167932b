/** Why an action has another key than an earlier one: the two manifests side by side. */

import type { Json } from "../json.ts";
import { own } from "../own.ts";
import { canonicalJson } from "../store/canonical_json.ts";
import type { ActionKey, LabelledDigest, Manifest, TreeDigest } from "../store/types.ts";

/** Names, beyond the manifests, that explanations use. */
export interface ExplainContext {
  /** Where an input comes from: `words.txt` or `upper.text`. */
  inputName(input: string, label?: string): string;
  /** Digests by path of a tree, where still known. */
  tree(digest: TreeDigest): Record<string, string> | undefined;
}

/** With its heading an explanation has at most five lines; the last one counts the rest. */
const MOST_LINES = 4;

/** The number of characters shown of a long value, some of them before the first difference. */
const MOST_SHOWN = 60;
const SHOWN_BEFORE = 20;

/** The differences that turned `before` into `now`, most telling first, one phrase each; empty when they agree. */
export function differences(before: Manifest, now: Manifest, context: ExplainContext): string[] {
  const found: string[] = [];
  if (before.schema !== now.schema) found.push(`key schema ${before.schema} → ${now.schema}`);
  if (before.kind !== now.kind) found.push(`kind ${before.kind} → ${now.kind}`);
  found.push(...jsonDifferences("param", before.params, now.params));
  for (const name of unionOfKeys(before.inputs, now.inputs)) {
    found.push(...inputDifferences(name, own(before.inputs, name), own(now.inputs, name), context));
  }
  const packages = jsonDifferences("package", before.code.packages, now.code.packages);
  found.push(...packages);
  if (packages.length === 0) {
    if (before.code.digest !== now.code.digest) found.push(`code of kind ${now.kind} changed`);
    if (before.code.packageBytes !== now.code.packageBytes) {
      found.push(`bytes of the npm packages of kind ${now.kind} changed, by deno.lock`);
    }
  }
  found.push(...jsonDifferences("runtime", before.runtime, now.runtime));
  found.push(...variableDifferences(before.environment ?? {}, now.environment ?? {}));
  if (before.outputs.join() !== now.outputs.join()) {
    found.push(`outputs ${before.outputs.join(", ")} → ${now.outputs.join(", ")}`);
  }
  if (before.step !== now.step) found.push(`steps ${before.step ?? "none"} → ${now.step ?? "none"}`);
  if (before.item !== now.item) found.push(`item ${before.item ?? "none"} → ${now.item ?? "none"}`);
  found.push(...jsonDifferences("fact", before.itemFacts, now.itemFacts));
  found.push(...jsonDifferences("end", before.ends, now.ends));
  return found;
}

/** Values are kept as digests alone, so that only the names can be told. */
function variableDifferences(before: Record<string, string>, now: Record<string, string>): string[] {
  return unionOfKeys(before, now).flatMap((name) => {
    const [a, b] = [own(before, name), own(now, name)];
    if (a === b) return [];
    return [
      `environment variable ${name} ${
        a === undefined ? "is set" : b === undefined ? "is not set" : "changed"
      }`,
    ];
  });
}

export interface Explanation {
  /** The key that is nearest; absent where there is nothing to compare with. */
  readonly nearest?: ActionKey;
  readonly lines: readonly string[];
}

/** Compares with the nearest of several earlier records (given newest first): the fewest differences, then the newest. */
export function explain(
  now: Manifest,
  earlier: readonly { readonly key: ActionKey; readonly manifest: Manifest }[],
  context: ExplainContext,
): Explanation | undefined {
  let nearest: { nearest: ActionKey; lines: string[] } | undefined;
  for (const { key, manifest } of earlier) {
    const lines = differences(manifest, now, context);
    if (!nearest || lines.length < nearest.lines.length) nearest = { nearest: key, lines };
  }
  if (!nearest || nearest.lines.length <= MOST_LINES) return nearest;
  const shown = nearest.lines.slice(0, MOST_LINES - 1);
  const more = nearest.lines.length - shown.length;
  return { ...nearest, lines: [...shown, `… and ${more} more differences`] };
}

function unionOfKeys(a: object, b: object): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
}

const isRecord = (value: unknown): value is Record<string, Json> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Both values as JSON; of long ones the part where they begin to differ. */
function change(before: Json | undefined, now: Json | undefined): string {
  const [a, b] = [before, now].map((value) => (value === undefined ? "absent" : JSON.stringify(value)));
  let same = 0;
  while (same < Math.min(a.length, b.length) && a[same] === b[same]) same++;
  const from = Math.max(a.length, b.length) > MOST_SHOWN ? Math.max(0, same - SHOWN_BEFORE) : 0;
  const part = (text: string) => {
    const shown = text.slice(from, from + MOST_SHOWN);
    return (from > 0 ? "…" : "") + shown + (from + MOST_SHOWN < text.length ? "…" : "");
  };
  return `${part(a)} → ${part(b)}`;
}

/** Leaves that differ, named by their dotted path. */
function jsonDifferences(what: string, before: Json | undefined, now: Json | undefined, path = ""): string[] {
  if (isRecord(before) && isRecord(now)) {
    return unionOfKeys(before, now).flatMap((name) =>
      jsonDifferences(what, own(before, name), own(now, name), path ? `${path}.${name}` : name)
    );
  }
  if (before === now) return [];
  if (before !== undefined && now !== undefined && canonicalJson(before) === canonicalJson(now)) return [];
  return [`${path === "" ? what : `${what} ${path}`}: ${change(before, now)}`];
}

type InputDigest = TreeDigest | readonly LabelledDigest[] | undefined;

function inputDifferences(
  name: string,
  before: InputDigest,
  now: InputDigest,
  context: ExplainContext,
): string[] {
  if (before === undefined) return [`input ${name} (${context.inputName(name)}) is new`];
  if (now === undefined) return [`input ${name} is no longer given`];
  if (typeof before === "string" && typeof now === "string") {
    return before === now
      ? []
      : [treeDifference(`input ${name} (${context.inputName(name)})`, before, now, context)];
  }
  const parts = (digest: Exclude<InputDigest, undefined>) =>
    typeof digest === "string"
      ? { "": digest }
      : Object.fromEntries(digest.map((part) => [part.label, part.digest]));
  const [old, fresh] = [parts(before), parts(now)];
  return unionOfKeys(old, fresh).flatMap((label) => {
    const [a, b] = [own(old, label), own(fresh, label)];
    if (a === b) return [];
    const title = `input ${name}, ${label} (${context.inputName(name, label)})`;
    if (a === undefined) return [`${title} is new`];
    if (b === undefined) return [`input ${name}, ${label} is no longer given`];
    // Where a part is a single file of an item, no tree has its digest, and the title says it all.
    return [treeDifference(title, a as TreeDigest, b as TreeDigest, context)];
  });
}

/** Names the files that differ between two trees where both are still known. */
function treeDifference(
  title: string,
  before: TreeDigest,
  now: TreeDigest,
  context: ExplainContext,
): string {
  const [old, fresh] = [context.tree(before), context.tree(now)];
  if (!old || !fresh) return `${title} changed`;
  const changes = unionOfKeys(old, fresh).flatMap((path) => {
    const [a, b] = [own(old, path), own(fresh, path)];
    if (path === "" || a === b) return [];
    return [`${path} ${a === undefined ? "is new" : b === undefined ? "is gone" : "changed"}`];
  });
  if (changes.length === 0) return `${title} changed`;
  const more = changes.length > 3 ? `, … (${changes.length} files)` : "";
  return `${title}: ${changes.slice(0, 3).join(", ")}${more}`;
}
