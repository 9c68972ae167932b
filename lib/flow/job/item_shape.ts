/** What an item is, by its parts: the code of a kind may be JavaScript without types. */

import { jsonProblem } from "../json.ts";

const FIELDS = ["id", "files", "facts"];
const EXPECTED = "expected a list of items { id, files, facts? }";

/** Why a value is no list of items, with what was expected; undefined where it is one. */
export function itemsProblem(items: unknown): string | undefined {
  if (!Array.isArray(items)) return `the items are ${nameOf(items)}; ${EXPECTED}`;
  for (const [i, item] of Array.from(items).entries()) {
    if (typeof item !== "object" || item === null) return `item ${i} is ${nameOf(item)}; ${EXPECTED}`;
    const problem = itemProblem(item);
    if (problem !== undefined) {
      return `item ${typeof item.id === "string" ? JSON.stringify(item.id) : i}: ${problem}`;
    }
  }
}

/** Facts that JSON would change on their way to the engine are refused: two values could get one key. */
function itemProblem(item: Readonly<Record<string, unknown>>): string | undefined {
  const unknown = Object.keys(item).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined) {
    return `it has the field ${unknown}, which would be in no key; put what its result depends on into facts`;
  }
  const { id, files } = item;
  if (typeof id !== "string") return `its id is ${nameOf(id)}; expected a text`;
  if (typeof files !== "object" || files === null || Array.isArray(files)) {
    return `its files are ${nameOf(files)}; expected lists of paths by input name, {} for none`;
  }
  for (const [input, paths] of Object.entries(files)) {
    if (!Array.isArray(paths) || !paths.every((path) => typeof path === "string")) {
      return `its files of the input ${input} are ${nameOf(paths)}; expected a list of paths`;
    }
  }
  return jsonProblem(id, "id") ?? jsonProblem(files, "files") ??
    ("facts" in item ? jsonProblem(item.facts, "facts") : undefined);
}

/** A value as a message names it. */
export function nameOf(value: unknown): string {
  return Deno.inspect(value, {
    colors: false,
    compact: true,
    depth: 1,
    strAbbreviateSize: 100,
    iterableLimit: 3,
  });
}
