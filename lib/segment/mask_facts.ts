/** Measurements of the masks of one image: their sizes, and how well they match the object and its parts. */

import type { Sample } from "../data/data_set.ts";
import { boxIou, maskIou } from "../vision/masks/iou.ts";
import { type MaskedSize, maskOfLabel, readLabels, readObjectMask } from "../vision/masks/mask_file.ts";
import { encodeRunLengths, type RunLengths } from "../vision/masks/rle.ts";
import { isSetAt } from "../vision/masks/rle_parts.ts";
import { runLengthPatterns } from "./consistency.ts";
import type { MaskSet } from "./mask_set.ts";
import { objectOverlap } from "./object_overlap.ts";

/** Measurements of the masks of one image. */
export interface MaskFacts {
  readonly image: string;
  readonly label: number;
  /** Shares of the image, the largest mask first. */
  readonly sizes: readonly number[];
  /** Share of each mask that lies on the object; where the data set has object masks. */
  readonly overlaps?: readonly number[];
  /** Distinct patterns of covered parts, by fidelity; where the data set has part locations. */
  readonly patterns?: { readonly reference: readonly number[]; readonly intended: readonly number[] };
  /** For each visible part, the rank of the largest mask that covers its point, or null. */
  readonly coveredAt?: readonly (number | null)[];
  /** The highest intersection over union of a mask's box with the object's; where the data set has boxes. */
  readonly objectBoxIou?: number;
  /** The highest intersection over union of a mask with the object's mask. */
  readonly objectIou?: number;
  /** By part id, the same for every visible part; only if the data set has part masks. */
  readonly partIou?: Readonly<Record<string, number>>;
}

/**
 * @param slots the largest number of visible parts of an image of the data set
 * @param partIds of the data set
 * @throws {ImageError} naming a mask of the data set that does not fit its image.
 */
export async function maskFacts(
  sample: Sample,
  set: MaskSet,
  slots: number,
  partIds: readonly number[],
): Promise<MaskFacts> {
  const { name, label, box, parts, segmentation, partMask } = sample;
  const area = set.width * set.height;
  const masks = set.masks.map(({ runs }) => runs);
  const bestIou = (truth: RunLengths) => highest(masks.map((runs) => maskIou(runs, truth)));
  const object = segmentation === undefined
    ? undefined
    : encodeRunLengths(await readObjectMask(segmentation, set));
  return {
    image: name,
    label,
    sizes: set.masks.map((mask) => mask.area / area),
    ...(object && { overlaps: masks.map((runs) => objectOverlap(runs, object)), objectIou: bestIou(object) }),
    ...(slots > 0 && {
      patterns: runLengthPatterns(masks, parts, slots),
      coveredAt: parts.map(([, x, y]) => {
        const [column, row] = [clamped(x, set.width), clamped(y, set.height)];
        const rank = masks.findIndex((runs) => isSetAt(runs, column, row));
        return rank < 0 ? null : rank;
      }),
    }),
    ...(box && {
      // The corners of a mask's box are inclusive.
      objectBoxIou: highest(
        set.masks.map(({ box: [x1, y1, x2, y2] }) => boxIou([x1, y1, x2 + 1, y2 + 1], box)),
      ),
    }),
    ...(partMask !== undefined && { partIou: await partIous(partMask, set, partIds, bestIou) }),
  };
}

async function partIous(
  partMask: string,
  size: MaskedSize,
  partIds: readonly number[],
  bestIou: (truth: RunLengths) => number,
): Promise<Record<string, number>> {
  const labels = await readLabels(partMask, size);
  const seen = partIds.filter((id) => labels.includes(id));
  return Object.fromEntries(
    seen.map((id) => [
      id,
      bestIou(encodeRunLengths(maskOfLabel(labels, id, size))),
    ]),
  );
}

/** The pixel at a place on an axis, clamped at its end. */
function clamped(place: number, length: number): number {
  return Math.min(Math.trunc(place), length - 1);
}

function highest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}
