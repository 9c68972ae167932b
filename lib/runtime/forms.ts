/** The form chosen for each operation on a machine, as a table that can be stored. */

/** For a step's key (`formKey`) the form that was fastest. Plain JSON; sorted by key. */
export type Forms = Readonly<Record<string, string>>;

/**
 * A table that was kept, read back.
 *
 * @throws {TypeError} when `json` is something else.
 */
export function parseForms(json: unknown): Forms {
  const isTable = typeof json === "object" && json !== null && !Array.isArray(json) &&
    Object.values(json).every((form) => typeof form === "string");
  if (!isTable) {
    throw new TypeError("a table of forms must be a JSON object of texts, as the kind tune writes it");
  }
  return json as Forms;
}
