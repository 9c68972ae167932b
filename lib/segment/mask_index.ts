/** The mask index of a data set, `segmentation_info.json`: per method and sample its masks, in the order of the file. */

import { join } from "node:path";
import { z } from "zod";
import type { Box } from "../vision/masks/boxes.ts";

/** The name of the index in a data set's folder. */
export const MASK_INDEX_FILE = "segmentation_info.json";

/**
 * The folder of an image's masks below the data set's root: `segmentations/<method>/<class>/<stem>`.
 *
 * @param sampleName `<class>/<stem>.<extension>`
 */
export function maskFolder(method: string, sampleName: string): string {
  return join("segmentations", method, sampleName.replace(/\.[^./]*$/, ""));
}

/** One mask of an image. */
export interface MaskRecord {
  readonly key: number;
  /** A file name without folders, such as `mask_0.png`. */
  readonly file: string;
  /** Its share of the image's pixels, 0 … 1. */
  readonly size?: number;
  /** Offset in rows and columns that centres the mask. */
  readonly shift?: readonly [rows: number, columns: number];
  /** Inclusive corners in pixels. */
  readonly box?: Box;
}

/** Method → sample id → masks. The order of the masks is that of the views, which need not be that of their keys. */
export type MaskIndex = Map<string, Map<number, MaskRecord[]>>;

/** A mask index that cannot be read, or masks that break its rules. */
export class MaskIndexError extends Error {
  override name = "MaskIndexError";
}

const keyName = z.string().regex(/^\.(0|[1-9]\d{0,8})$/, "a key must be a non-negative integer");
const fileName = z.string().regex(/^[^/\\\p{Cc}]+$/u, "a mask's file must be a plain file name")
  .refine((name) => name !== "." && name !== "..", "a mask's file must be a plain file name");
const imageEntry = z.strictObject({
  ".masks": z.record(keyName, fileName),
  ".size": z.record(keyName, z.number().min(0).max(1)).optional(),
  ".shift": z.record(keyName, z.tuple([z.int(), z.int()])).optional(),
  ".bounding_boxes": z.record(keyName, z.tuple([z.number(), z.number(), z.number(), z.number()])).optional(),
});
const methodName = z.string().regex(/^\.[\w-]+$/, "a method must be a plain name");
const indexFile = z.record(methodName, z.record(keyName, imageEntry));

/**
 * The mask index that `text` holds.
 *
 * @throws {MaskIndexError} naming the place, when the text is not JSON or not a mask index.
 */
export function parseMaskIndex(text: string): MaskIndex {
  let json: unknown;
  try {
    json = JSON.parse(dotKeys(text));
  } catch (error) {
    throw new MaskIndexError(`the mask index is not JSON: ${(error as Error).message}`);
  }
  const parsed = indexFile.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const { path } = issue;
    const message = issue.code === "invalid_key" ? issue.issues[0].message : issue.message;
    throw new MaskIndexError(`the mask index at ${path.join("") || "its top level"}: ${message}`);
  }
  const index: MaskIndex = new Map();
  for (const [method, samples] of Object.entries(parsed.data)) {
    const images = new Map<number, MaskRecord[]>();
    for (const [id, entry] of Object.entries(samples)) {
      requireKnownKeys(entry, `${method.slice(1)}.${id.slice(1)}`);
      images.set(
        numberOf(id),
        Object.entries(entry[".masks"]).map(([key, file]) => ({
          key: numberOf(key),
          file,
          size: entry[".size"]?.[key],
          shift: entry[".shift"]?.[key],
          box: entry[".bounding_boxes"]?.[key],
        })),
      );
    }
    index.set(method.slice(1), images);
  }
  return index;
}

function requireKnownKeys(entry: z.infer<typeof imageEntry>, place: string): void {
  for (const [property, values] of Object.entries(entry)) {
    const unknown = Object.keys(values).find((key) => !Object.hasOwn(entry[".masks"], key));
    if (unknown) {
      throw new MaskIndexError(
        `the mask index at ${place}${property}${unknown}: there is no mask with the key ${unknown.slice(1)}`,
      );
    }
  }
}

/** The text of a mask index, its entries in the order of the maps and lists. */
export function formatMaskIndex(index: MaskIndex): string {
  return object([...index].map(([method, images]) => [
    method,
    object([...images].map(([id, masks]) => [
      String(id),
      object(
        ([["masks", "file"], ["size", "size"], ["shift", "shift"], ["bounding_boxes", "box"]] as const)
          .map(([name, property]) =>
            [name, masks.filter((mask) => mask[property] !== undefined), property] as const
          )
          .filter(([name, present]) => name === "masks" || present.length > 0)
          .map(([name, present, property]) => [
            name,
            object(present.map((mask) => [String(mask.key), JSON.stringify(mask[property])])),
          ]),
      ),
    ])),
  ]));
}

function object(members: (readonly [name: string, json: string])[]): string {
  return `{${members.map(([name, json]) => `${JSON.stringify(name)}: ${json}`).join(", ")}}`;
}

// An object lists its integer-like keys first and in ascending order, whatever the file says. With a dot before
// every key none is integer-like (and none is "__proto__"). A quote occurs in JSON only around and, escaped, in
// strings, so the pattern meets each string whole.
function dotKeys(text: string): string {
  return text.replace(
    /"((?:[^"\\]|\\.)*)"(\s*:)?/g,
    (whole, content, colon) => colon ? `".${content}"${colon}` : whole,
  );
}

function numberOf(key: string): number {
  return Number(key.slice(1));
}
