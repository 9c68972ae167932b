/**
 * Decodes every image of a data set once, so that a damaged file is reported here and not by a later task.
 */

import { decodeImage } from "../../vision/decode.ts";
import { encodePng } from "../../vision/encode.ts";
import type { ImageHeader } from "../../vision/image_header.ts";
import { readLabels, readObjectLevels } from "../../vision/masks/mask_file.ts";
import { ImageError } from "../../vision/image_error.ts";
import { turn } from "../../vision/orientation.ts";
import type { DataSet, Sample } from "../data_set.ts";
import { DataSetError, FaultCollector } from "../data_set_error.ts";
import { imageHeader, imageSize } from "../image_files.ts";

/** Images decoded concurrently; libvips decodes in its own threads. */
const SIDE_BY_SIDE = 8;

/** Images that were looked at. */
export interface CheckedImages {
  /** The data set, with the paths of images that were turned. */
  readonly dataSet: DataSet;
  /** The headers of the images as they are stored, in the order of the samples. */
  readonly headers: readonly ImageHeader[];
}

/** What decoding the images showed. */
export interface CheckedDataSet extends CheckedImages {
  /** Every truncated or damaged file, and every mask whose size differs from its image's. */
  readonly faults: FaultCollector;
}

/**
 * Decodes all images and masks of a data set.
 *
 * @param turnedPath gives the path at which an image is written as PNG after rotating it by its EXIF
 * orientation; without it, images stay as stored
 */
export async function checkImages(
  dataSet: DataSet,
  turnedPath: ((sample: Sample) => string) | undefined,
  progress: (done: number, total: number) => void = () => {},
): Promise<CheckedDataSet> {
  const { samples } = dataSet;
  const results: { sample: Sample; header: ImageHeader; faults: DataSetError[] }[] = [];
  let next = 0;
  let done = 0;
  const work = async () => {
    while (next < samples.length) {
      const at = next++;
      results[at] = await checkSample(samples[at], turnedPath);
      progress(++done, samples.length);
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
  const collected = new FaultCollector();
  for (const { sample, faults } of results) for (const fault of faults) collected.add(fault, sample.name);
  return {
    dataSet: { ...dataSet, samples: results.map(({ sample }) => sample) },
    headers: results.map(({ header }) => header),
    faults: collected,
  };
}

async function checkSample(sample: Sample, turnedPath: ((sample: Sample) => string) | undefined) {
  const { path, segmentation, partMask } = sample;
  const faults: DataSetError[] = [];
  const check = async <T>(read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      const reason = error.message.replace(`${error.file}: `, "");
      faults.push(new DataSetError(error.file, undefined, reason, { cause: error }));
    }
  };
  const header = imageHeader(path);
  const image = await check(() => decodeImage(path));
  const size = imageSize(path, turnedPath !== undefined);
  if (segmentation !== undefined) await check(() => readObjectLevels(segmentation, size));
  if (partMask !== undefined) await check(() => readLabels(partMask, size));
  if (!image || header.orientation === 1 || !turnedPath) return { sample, header, faults };
  if (header.channels === 4) {
    const reason =
      "it has four channels and an EXIF orientation; such images can't be rotated: save it rotated, without an EXIF orientation";
    return { sample, header, faults: [...faults, new DataSetError(path, undefined, reason)] };
  }
  const turned = turnedPath(sample);
  await Deno.writeFile(turned, await encodePng(turn(image, header.orientation)));
  return { sample: { ...sample, path: turned }, header, faults };
}
