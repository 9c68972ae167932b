/** Finds the objective of a search in the figures of a trial. */

import { followPath } from "../system/dotted_path.ts";

/**
 * The number that the dotted `path` leads to in `figures`; null where they say that there is none, as after a loss that was
 * not finite.
 *
 * @throws Error where nothing is there, or neither a number nor null; it names the figures that are there
 */
export function objectiveOf(figures: unknown, path: string): number | null {
  const end = followPath(figures, path);
  if ("missing" in end) {
    const { missing, place, known } = end;
    throw new Error(
      `the objective ${path}: there is no ${missing} in ${place || "the figures"}; known: ${known}`,
    );
  }
  const { found } = end;
  if (found !== null && typeof found !== "number") {
    throw new Error(
      `the objective ${path} is ${JSON.stringify(found)}; expected a number, or null for a failed trial`,
    );
  }
  return found;
}
