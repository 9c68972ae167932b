/**
 * The places of the training set that show prototypes, in a file of JSON: what each became in a projection, or the most
 * similar images.
 */

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
  /** The row and column of the view's feature map, for models that compare positions. */
  position: z.tuple([count, count]).optional(),
  /** The name of the image, for readers. */
  name: z.string().optional(),
  /** Squared distance to the prototype before the projection, for readers. */
  distance: z.number().nonnegative().optional(),
  /** The similarity to the prototype, for readers. */
  similarity: z.number().optional(),
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
