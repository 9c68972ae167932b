/** Counts of a data set: its images by split and class, and what kinds of files they are. */

import type { ImageHeader } from "../../vision/image_header.ts";
import { type DataSet, samplesOf, type Split } from "../data_set.ts";
import type { CheckedImages } from "./check_images.ts";

/** The images of a split. */
export interface SplitFacts {
  readonly images: number;
  /** The number of images of each class. */
  readonly byClass: Readonly<Record<string, number>>;
}

/** Counts of a data set. */
export interface DataFacts {
  readonly splits: Readonly<Record<Split, SplitFacts>>;
  /** In pixels, the smallest and the largest of the images as they are stored. */
  readonly width: readonly [number, number];
  readonly height: readonly [number, number];
  /** Numbers of images by what they are, such as JPEG, grey, CMYK, 16 bits, turned (by EXIF orientation). */
  readonly kinds: Readonly<Record<string, number>>;
  /** Which annotations there are. */
  readonly annotations: readonly string[];
}

/** The counts of images that were looked at. */
export function factsOf({ dataSet, headers }: CheckedImages): DataFacts {
  const { samples, partNames } = dataSet;
  const annotations = {
    boxes: samples.some(({ box }) => box !== undefined),
    parts: partNames.size > 0,
    "object masks": samples.some(({ segmentation }) => segmentation !== undefined),
  };
  return {
    splits: { train: splitFacts(dataSet, "train"), test: splitFacts(dataSet, "test") },
    width: range(headers.map(({ width }) => width)),
    height: range(headers.map(({ height }) => height)),
    kinds: countKinds(headers),
    annotations: Object.entries(annotations).flatMap(([name, isThere]) => isThere ? [name] : []),
  };
}

function splitFacts(dataSet: DataSet, split: Split): SplitFacts {
  const samples = samplesOf(dataSet, split);
  const counts = new Array<number>(dataSet.classes.length).fill(0);
  for (const { label } of samples) counts[label]++;
  const byClass = Object.fromEntries(dataSet.classes.map((name, label) => [name, counts[label]]));
  return { images: samples.length, byClass };
}

/** The least and the largest of numbers; zeros if there is none. */
export function range([first = 0, ...others]: readonly number[]): [number, number] {
  return others.reduce<[number, number]>(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [first, first],
  );
}

/** Whether an image is a CMYK JPEG. */
export function isCmyk({ format, channels }: ImageHeader): boolean {
  return format === "jpeg" && channels === 4;
}

function countKinds(headers: readonly ImageHeader[]): Record<string, number> {
  const kinds: Readonly<Record<string, (header: ImageHeader) => boolean>> = {
    JPEG: ({ format }) => format === "jpeg",
    PNG: ({ format }) => format === "png",
    grey: ({ channels, palette }) => channels < 3 && !palette,
    "with a palette": ({ palette }) => palette,
    "with alpha": ({ format, channels }) => format === "png" && channels % 2 === 0,
    CMYK: isCmyk,
    "of 16 bits": ({ depth }) => depth === 16,
    "turned by EXIF": ({ orientation }) => orientation !== 1,
  };
  const counts = Object.entries(kinds).map((
    [name, isKind],
  ): [string, number] => [name, headers.filter(isKind).length]);
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}
