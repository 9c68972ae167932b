/** Masks from the annotations of a data set: the object's box, the object itself, or its parts. */

import { imageSize } from "../data/image_files.ts";
import type { Box } from "../vision/masks/boxes.ts";
import { maskOfLabel, readLabels, readObjectMask } from "../vision/masks/mask_file.ts";
import { encodeRunLengths, runLengthArea, type RunLengths } from "../vision/masks/rle.ts";
import { rectangleRunLengths } from "../vision/masks/rle_parts.ts";
import type { FoundMask } from "./mask_set.ts";
import type { SegmentedSample } from "./segmenter.ts";

/** Which annotation the masks come from. */
export type AnnotatedMasks = "boxes" | "objects" | "parts";

/**
 * The masks in the annotations of a sample: its filled box, clipped to the image; its object mask; or
 * one mask for each visible part.
 *
 * @throws {ImageError} naming a mask that does not fit its image.
 * @throws {RangeError} when the data set lacks the annotation, or it lies outside of the image.
 */
export async function annotatedMasks(
  sample: SegmentedSample,
  of: AnnotatedMasks,
): Promise<FoundMask[]> {
  const { width, height } = imageSize(sample.path);
  const found = (await masksOf(sample, of, width, height)).map((runs) => ({ runs }));
  if (found.every(({ runs }) => runLengthArea(runs) === 0)) {
    throw new RangeError(`the annotated ${of} of ${sample.name} have no pixel in the image`);
  }
  return found;
}

async function masksOf(
  sample: SegmentedSample,
  of: AnnotatedMasks,
  width: number,
  height: number,
): Promise<RunLengths[]> {
  const missing = (what: string) => new RangeError(`the data set has no ${what} for ${sample.name}`);
  switch (of) {
    case "boxes":
      if (sample.box === undefined) throw missing("box");
      return [boxMask(sample.box, width, height)];
    case "objects":
      if (sample.segmentation === undefined) throw missing("object mask");
      return [encodeRunLengths(await readObjectMask(sample.segmentation, { width, height }))];
    case "parts": {
      if (sample.partMask === undefined || sample.partIds === undefined) throw missing("part masks");
      const labels = await readLabels(sample.partMask, { width, height });
      return sample.partIds.map((part) => encodeRunLengths(maskOfLabel(labels, part, { width, height })));
    }
  }
}

/** The pixels ⌊x1⌋ … ⌈x2⌉ − 1 and rows alike, clamped to the image. */
function boxMask([x1, y1, x2, y2]: Box, width: number, height: number): RunLengths {
  const [left, right] = [Math.max(0, Math.floor(x1)), Math.min(width, Math.ceil(x2))];
  const [top, bottom] = [Math.max(0, Math.floor(y1)), Math.min(height, Math.ceil(y2))];
  return rectangleRunLengths(width, height, [left, top, right, bottom]);
}
