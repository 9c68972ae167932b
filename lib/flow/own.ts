/** Reading objects by names that a user chose: `toString`, `constructor` and `__proto__` are names like any other. */

/** The value of a property of the object's own; undefined where it has none of that name. */
export function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** Sets a property of the object's own. */
export function putOwn<T>(record: Record<string, T>, name: string, value: T): void {
  // Set like another name, it would be the prototype.
  if (name === "__proto__") {
    Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true });
  } else record[name] = value;
}
