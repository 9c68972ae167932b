/** Values that JSON keeps as they are, so that they can be part of a key. */

/** A value that JSON can represent. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/**
 * The first part of a value that JSON would lose or change without an error, and what is expected there; undefined
 * where there is none.
 *
 * @param path the name of the value in the message
 */
export function jsonProblem(
  value: unknown,
  path: string,
  above: readonly object[] = [],
): string | undefined {
  switch (typeof value) {
    case "boolean":
      return undefined;
    case "number":
      return Number.isFinite(value) ? undefined : `${path} is ${value}; expected a finite number`;
    case "string":
      return value.isWellFormed() ? undefined : `${path} has a lone surrogate; expected Unicode text`;
    case "object":
      return value === null ? undefined : objectProblem(value, path, above);
    default: {
      const given = value === undefined ? "undefined" : `a ${typeof value}`;
      return `${path} is ${given}; expected null, a boolean, number, string, list or plain object`;
    }
  }
}

function objectProblem(value: object, path: string, above: readonly object[]): string | undefined {
  if (above.includes(value)) return `${path} contains itself; expected a value without cycles`;
  const within = [...above, value];
  const prototype = Object.getPrototypeOf(value);
  if (Array.isArray(value) && prototype === Array.prototype) {
    // Array.from also visits the holes of a sparse list.
    const problem = firstProblem(Array.from(value, (element, i) => [`${path}[${i}]`, element]), within);
    if (problem === undefined && Reflect.ownKeys(value).length > value.length + 1) {
      return `${path} is a list with named properties; expected elements alone`;
    }
    return problem;
  }
  if (prototype !== Object.prototype && prototype !== null) {
    const name = value.constructor?.name || "class instance";
    return `${path} is a ${name}; expected a plain object or a list`;
  }
  if (Object.getOwnPropertySymbols(value).length > 0) {
    return `${path} has a property named by a symbol; expected names that are strings`;
  }
  const misnamed = Object.keys(value).find((name) => !name.isWellFormed());
  if (misnamed !== undefined) return `${path} has a name with a lone surrogate; expected Unicode text`;
  return firstProblem(Object.entries(value).map(([name, member]) => [`${path}.${name}`, member]), within);
}

function firstProblem(
  parts: readonly (readonly [path: string, value: unknown])[],
  within: readonly object[],
): string | undefined {
  for (const [path, value] of parts) {
    const problem = jsonProblem(value, path, within);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
