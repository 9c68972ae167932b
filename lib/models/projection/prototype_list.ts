/** The prototypes after a projection in a file of JSON: the view of the training set that each of them became. */

import { writeFileSync } from "node:fs";
import { z } from "zod";
import { readJson } from "../../json/read_json.ts";

const count = z.int().nonnegative();

/** Facts for readers may be left out in a list made by hand. */
const listSchema = z.array(z.object({
  prototype: count,
  /** The id of the image in the data set. */
  sample: count,
  /** Which of the image's views. */
  view: count,
  /** The name of the image, for readers. */
  name: z.string().optional(),
  /** Squared distance of the view to the prototype before the projection, for readers. */
  distance: z.number().nonnegative().optional(),
}));

/** An entry of the list. */
export type ProjectedPrototype = z.output<typeof listSchema>[number];

/** Writes the list to `path`. */
export function writePrototypes(path: string, prototypes: readonly ProjectedPrototype[]): void {
  writeFileSync(path, `${JSON.stringify(prototypes, null, 1)}\n`);
}

/**
 * The list that {@link writePrototypes} wrote.
 *
 * @throws {JsonFileError} if the file is missing or malformed.
 */
export function readPrototypes(path: string): ProjectedPrototype[] {
  return readJson(path, listSchema, "a list of prototypes");
}
