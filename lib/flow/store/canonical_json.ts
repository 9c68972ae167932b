/** Canonical JSON (RFC 8785): one text for one value, so that a digest of the text is a digest of the value. */

const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * The canonical text of a value: property names in the order of their UTF-16 units, numbers as ECMAScript writes
 * them, no white space.
 *
 * @throws TypeError for values that JSON can't represent without loss: NaN, infinities, undefined, functions, symbols,
 *   bigints, lone surrogates, sparse arrays, and objects that are neither plain nor arrays (a Date or a Map would lose its
 *   content silently). A property whose value is undefined is left out, as in JSON.stringify.
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case "string":
      return quote(value);
    case "number":
      if (!Number.isFinite(value)) throw new TypeError(`${value} has no JSON form; expected a finite number`);
      return JSON.stringify(value);
    case "boolean":
      return value ? "true" : "false";
    case "object":
      if (value === null) return "null";
      return Array.isArray(value) ? list(value) : record(value);
    default:
      throw new TypeError(
        `a ${typeof value} has no JSON form; expected null, boolean, number, string, array or object`,
      );
  }
}

function quote(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  if (LONE_SURROGATE.test(text)) {
    throw new TypeError(`${JSON.stringify(text)} is not Unicode text: lone surrogate`);
  }
  return JSON.stringify(text);
}

function list(values: readonly unknown[]): string {
  let text = "[";
  for (let i = 0; i < values.length; i++) text += (i === 0 ? "" : ",") + canonicalJson(values[i]);
  return text + "]";
}

function record(value: object): string {
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError(
      `a ${value.constructor?.name ?? "class instance"} has no JSON form; expected a plain object`,
    );
  }
  let text = "{";
  for (const name of Object.keys(value).sort()) {
    const member = (value as Record<string, unknown>)[name];
    if (member === undefined) continue;
    text += (text.length === 1 ? "" : ",") + quote(name) + ":" + canonicalJson(member);
  }
  return text + "}";
}
