/**
 * The masks of one image between segmentation and views: one JSON file per image, in a folder.
 *
 *     {"format": "protoflow masks 1", "image": "<class>/<file>", "width": 500, "height": 333, "masks": [
 *      {"counts": "…", "area": 51234, "box": [3, 10, 420, 330], "scores": {"predicted_iou": 0.97}},
 *      …]}
 *
 * `counts` is COCO's compressed string of run lengths (with `[height, width]` it is what pycocotools reads), `area`
 * the number of pixels, `box` the inclusive corners, `scores` the generator's scores. Masks are sorted by
 * area, largest first; that is the order of the views.
 */

import { z } from "zod";
import { type Sample, sampleFileName } from "../data/data_set.ts";
import { parseJson } from "../json/read_json.ts";
import { runLengthArea, runLengthBox, RunLengthError, type RunLengths } from "../vision/masks/rle.ts";
import { compressRunLengths, decompressRunLengths } from "../vision/masks/rle_string.ts";
import { measureMasks, type Measures } from "./measure.ts";

const FORMAT = "protoflow masks 1";

/** A mask as a method found it, at the image's size. */
export interface FoundMask {
  readonly runs: RunLengths;
  /** Scores of the method for the mask, such as `predicted_iou`. */
  readonly scores?: Readonly<Record<string, number>>;
}

/** A mask of a set. */
export interface SetMask extends Measures {
  readonly runs: RunLengths;
  /** By name, such as `predicted_iou` and `stability_score`. */
  readonly scores: Readonly<Record<string, number>>;
}

export interface MaskSet {
  /** The sample's name, `<class>/<file>`. */
  readonly image: string;
  readonly width: number;
  readonly height: number;
  /** Largest first. */
  readonly masks: readonly SetMask[];
}

/** A file whose masks contradict what it says of them. */
export class MaskSetError extends Error {
  override name = "MaskSetError";
}

/** The name of a sample's file in a folder of mask sets; also the id of its item where masks are made by image. */
export function maskSetFile(sample: Pick<Sample, "id" | "name">): string {
  return `${sampleFileName(sample)}.json`;
}

/**
 * Measures and orders the masks of an image; equally large ones stay in the given order, empty ones are left out.
 *
 * @throws {RangeError} when a mask differs in size from the image.
 */
export function maskSet(
  image: { readonly name: string; readonly width: number; readonly height: number },
  found: readonly FoundMask[],
): MaskSet {
  const { name, width, height } = image;
  for (const { runs } of found) {
    if (runs.width !== width || runs.height !== height) {
      throw new RangeError(
        `a mask of ${runs.width} × ${runs.height} does not fit ${name}, an image of ${width} × ${height}`,
      );
    }
  }
  const masks = measureMasks(found.map(({ runs, scores = {} }) => ({ runs, scores })));
  return { image: name, width, height, masks };
}

/** The text of a mask set's file. */
export function formatMaskSet({ image, width, height, masks }: MaskSet): string {
  const head = JSON.stringify({ format: FORMAT, image, width, height }).slice(0, -1);
  const lines = masks.map(({ runs, area, box, scores }) =>
    JSON.stringify({ counts: compressRunLengths(runs), area, box, scores })
  );
  return `${head},"masks":[\n${lines.join(",\n")}\n]}\n`;
}

const setSchema = z.strictObject({
  format: z.literal(FORMAT),
  image: z.string(),
  width: z.int().positive(),
  height: z.int().positive(),
  masks: z.array(z.strictObject({
    counts: z.string(),
    area: z.int().positive(),
    box: z.tuple([z.int(), z.int(), z.int(), z.int()]),
    scores: z.record(z.string(), z.number()),
  })),
});

/**
 * The mask set that `text` holds.
 *
 * @param file names it in errors
 * @throws {JsonFileError} where it has another form.
 * @throws {MaskSetError} where areas or boxes are not those of the masks, or masks are not sorted.
 */
export function parseMaskSet(text: string, file: string): MaskSet {
  const { image, width, height, masks } = parseJson(text, setSchema, "a mask set", file);
  return {
    image,
    width,
    height,
    masks: masks.map(({ counts, area, box, scores }, i) => {
      const fault = (reason: string) => new MaskSetError(`${file}: mask ${i}: ${reason}`);
      let runs: RunLengths;
      try {
        runs = decompressRunLengths(width, height, counts);
      } catch (error) {
        if (error instanceof RunLengthError) throw fault(error.message);
        throw error;
      }
      const actual = runLengthArea(runs);
      if (actual !== area) throw fault(`its area is ${actual}, but ${area} is stated`);
      const corners = runLengthBox(runs)!;
      if (corners.some((corner, k) => corner !== box[k])) {
        throw fault(`its box is [${corners}], but [${box}] is stated`);
      }
      if (i > 0 && masks[i - 1].area < area) {
        throw fault("it is larger than the one before; expected the largest first");
      }
      return { runs, area, box, scores };
    }),
  };
}
