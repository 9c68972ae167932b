/** Texts and names in a definition that no program, path or key can be given as they are. */
import { isPlainObject } from "./read_definition.ts";

/** Something in a value that is refused, and where it is. */
export interface IllegalText {
  /** Dotted; empty for the value itself. */
  readonly path: string;
  readonly message: string;
}

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Every text of a value, also a name in it, that has a NUL character or is not Unicode, and names that params can't have. */
export function illegalTexts(value: unknown, path = ""): IllegalText[] {
  if (typeof value === "string") {
    const message = problemOf(value);
    return message === undefined ? [] : [{ path, message }];
  }
  if (Array.isArray(value)) return value.flatMap((part, i) => illegalTexts(part, below(path, String(i))));
  if (!isPlainObject(value)) return [];
  return Object.entries(value).flatMap(([name, part]) => {
    // The path of a source is checked elsewhere.
    if (name === "$file" || name === "$folder") return [];
    const message = problemOf(name) ?? (name === "__proto__" && isInParam(path) ? NO_PARAM : undefined);
    const inside = illegalTexts(part, below(path, name));
    return message === undefined ? inside : [{ path: below(path, JSON.stringify(name)), message }, ...inside];
  });
}

/** Schemas of records pass over it without a word. */
const NO_PARAM = "a name in a param can't be __proto__";

const isInParam = (path: string) => /^(tasks\.[^.]*\.params|profiles\.[^.]*\.[^.]*)\./.test(path);

const below = (path: string, name: string) => (path === "" ? name : `${path}.${name}`);

function problemOf(text: string): string | undefined {
  if (text.includes("\0")) return "it has a NUL character, at which programs and paths end";
  if (LONE_SURROGATE.test(text)) return "it is not valid Unicode (a lone surrogate)";
}
