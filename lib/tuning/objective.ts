/** Finds the objective of a search in the figures of a trial. */

/**
 * The number that the dotted `path` leads to in `figures`; null where they say that there is none, as after a loss that was
 * not finite.
 *
 * @throws Error where nothing is there, or neither a number nor null; it names the figures that are there
 */
export function objectiveOf(figures: unknown, path: string): number | null {
  let found = figures;
  for (const [i, key] of path.split(".").entries()) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, key)) {
      const place = path.split(".").slice(0, i).join(".") || "the figures";
      const known = typeof found === "object" && found !== null ? Object.keys(found).join(", ") : "no fields";
      throw new Error(`the objective ${path}: there is no ${key} in ${place}; known: ${known}`);
    }
    found = (found as Readonly<Record<string, unknown>>)[key];
  }
  if (found !== null && typeof found !== "number") {
    throw new Error(
      `the objective ${path} is ${JSON.stringify(found)}; expected a number, or null for a failed trial`,
    );
  }
  return found;
}
