/** The common form of all data sets: samples with labels, boxes, parts and a split. */

import { basename } from "node:path";
import type { Box } from "../vision/masks/boxes.ts";

/** The part of a data set that a sample belongs to. */
export type Split = "train" | "test";

/** A visible part: its id (from 1) and its position in pixels. */
export type PartPoint = readonly [id: number, x: number, y: number];

/** One image of a data set with its annotations; positions and boxes are in pixels. */
export interface Sample {
  /** Unique in the data set, from 0. */
  readonly id: number;
  /**
   * `<class folder>/<file>`, of images in folders of parts with the part's in front; unique. The masks of the image are
   * stored under this name.
   */
  readonly name: string;
  /** The path of the image file. */
  readonly path: string;
  /** Index into the data set's classes. */
  readonly label: number;
  readonly split: Split;
  /** Corners of the object's box in pixels; x2 and y2 are exclusive. Absent if the data set has no boxes. */
  readonly box?: Box;
  /** The visible parts in the order of their ids; empty if the data set has no parts. */
  readonly parts: readonly PartPoint[];
  /**
   * The path of the object mask, a PNG in which pixels above 0 are the object, if the data set has such
   * masks.
   */
  readonly segmentation?: string;
  /**
   * The path of the part mask, a grey PNG with level k where part k is visible, if the data set has such
   * masks.
   */
  readonly partMask?: string;
}

/** A data set in memory. */
export interface DataSet {
  /** Class names by label. */
  readonly classes: readonly string[];
  /** Part names by part id; empty if the data set has no parts. */
  readonly partNames: ReadonlyMap<number, string>;
  /** The samples, in the order in which results list them. */
  readonly samples: readonly Sample[];
}

/** The base name, without extension, of result files of one sample: its id and the stem of its file name. */
export function sampleFileName({ id, name }: Pick<Sample, "id" | "name">): string {
  return `${String(id).padStart(5, "0")}-${basename(name).replace(/\.[^.]*$/, "")}`;
}

/** The samples of one split, in order. */
export function samplesOf(dataSet: DataSet, split: Split): Sample[] {
  return dataSet.samples.filter((sample) => sample.split === split);
}

/**
 * The weight N / (C · n) of every class in the loss: N is the number of samples, n the number of samples of
 * the class, and C the number of classes with samples. A class without samples has the weight 0.
 */
export function classWeights(samples: readonly Sample[], classCount: number): number[] {
  const counts = new Array<number>(classCount).fill(0);
  for (const { label } of samples) counts[label]++;
  const present = counts.filter((count) => count > 0).length;
  return counts.map((count) => count === 0 ? 0 : samples.length / (present * count));
}

/** The names of the classes in `classes` that have no sample in `samples`. */
export function classesWithout(
  classes: readonly string[],
  samples: readonly Pick<Sample, "label">[],
): string[] {
  const labels = new Set(samples.map(({ label }) => label));
  return classes.filter((_, label) => !labels.has(label));
}

/** Formats names for a message: the first `most` names, and the total if there are more. */
export function listed(names: readonly string[], most = 5): string {
  const shown = names.slice(0, most).join(", ");
  return names.length > most ? `${shown}, … (${names.length} in all)` : shown;
}

/** The data set reduced to the first `count` samples of every class in each split, for short runs. */
export function limitPerClass(dataSet: DataSet, count: number): DataSet {
  const taken = new Map<string, number>();
  const samples = dataSet.samples.filter(({ label, split }) => {
    const key = `${split} ${label}`;
    const before = taken.get(key) ?? 0;
    taken.set(key, before + 1);
    return before < count;
  });
  return { ...dataSet, samples };
}
