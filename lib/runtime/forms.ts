/** The form chosen for each operation on a machine, as a table that can be stored. */

/** The fastest form for each step key (`formKey`). Plain JSON, sorted by key. */
export type Forms = Readonly<Record<string, string>>;

/**
 * Checks a stored table of forms.
 *
 * @throws {TypeError} if `json` is not a table of forms.
 */
export function parseForms(json: unknown): Forms {
  const isTable = typeof json === "object" && json !== null && !Array.isArray(json) &&
    Object.values(json).every((form) => typeof form === "string");
  if (!isTable) {
    throw new TypeError(
      "a table of forms must be a JSON object with string values; give the output of the kind tune",
    );
  }
  return json as Forms;
}
