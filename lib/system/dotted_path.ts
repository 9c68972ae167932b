/** Follows a dotted path, such as `params.fit.rate`, through the fields of a JSON value. */

/** Where a path ends, or the first field on it that is not there. */
export type PathEnd =
  | { readonly found: unknown }
  /** `place` is the path so far, empty at the start; `known` names the fields that are there. */
  | { readonly missing: string; readonly place: string; readonly known: string };

/** The value at the end of `path` in `value`; the fields of an array are its positions. */
export function followPath(value: unknown, path: string): PathEnd {
  const keys = path.split(".");
  let found = value;
  for (const [i, key] of keys.entries()) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, key)) {
      const known = typeof found === "object" && found !== null ? Object.keys(found).join(", ") : "no fields";
      return { missing: key, place: keys.slice(0, i).join("."), known };
    }
    found = (found as Readonly<Record<string, unknown>>)[key];
  }
  return { found };
}
