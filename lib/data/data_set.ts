/** The common form of all data sets: samples with labels, boxes, parts and a split. */

import { basename } from "node:path";
import type { Box } from "../vision/masks/boxes.ts";

/** The part of a data set that a sample belongs to. */
export type Split = "train" | "test";

/** A visible part: its id (from 1) and its place in pixels. */
export type PartPoint = readonly [id: number, x: number, y: number];

/** One image of a data set with its annotations; positions and boxes are in pixels. */
export interface Sample {
  /** Unique in the data set, from 0. */
  readonly id: number;
  /** `<class folder>/<file>`, unique; masks made elsewhere are filed under it. */
  readonly name: string;
  /** The path of the image file. */
  readonly path: string;
  /** Index into the data set's classes. */
  readonly label: number;
  readonly split: Split;
  /** Corners in pixels of the object's box; x2 and y2 lie behind its last column and row. */
  readonly box: Box;
  /** The visible parts in the order of their ids; empty where the data set has none. */
  readonly parts: readonly PartPoint[];
  /** The path of a PNG in which pixels above 0 are the object, if the data set has such masks. */
  readonly segmentation?: string;
  /** The path of a grey PNG that is k where part k is visible, if the data set has such masks; other levels are no part. */
  readonly partMask?: string;
}

export interface DataSet {
  /** Names by label. */
  readonly classes: readonly string[];
  /** Names by part id; empty where the data set has no parts. */
  readonly partNames: ReadonlyMap<number, string>;
  /** In the order of every listing. */
  readonly samples: readonly Sample[];
}

/** The base of file names for results of one sample, without extension: its id and the stem of its file. */
export function sampleFileName({ id, name }: Pick<Sample, "id" | "name">): string {
  return `${String(id).padStart(5, "0")}-${basename(name).replace(/\.[^.]*$/, "")}`;
}

/** The samples of one split, in order. */
export function samplesOf(dataSet: DataSet, split: Split): Sample[] {
  return dataSet.samples.filter((sample) => sample.split === split);
}

/**
 * The weight N / (C · n) of every class in the loss: N samples in all, n of the class, C classes that occur. A
 * class that does not occur has the weight 0.
 */
export function classWeights(samples: readonly Sample[], classCount: number): number[] {
  const counts = new Array<number>(classCount).fill(0);
  for (const { label } of samples) counts[label]++;
  const present = counts.filter((count) => count > 0).length;
  return counts.map((count) => count === 0 ? 0 : samples.length / (present * count));
}

/** The names of those of `classes` that none of `samples` belongs to. */
export function classesWithout(
  classes: readonly string[],
  samples: readonly Pick<Sample, "label">[],
): string[] {
  const labels = new Set(samples.map(({ label }) => label));
  return classes.filter((_, label) => !labels.has(label));
}

/** Names as a message lists them: the first few, and how many there are. */
export function listed(names: readonly string[], most = 5): string {
  const shown = names.slice(0, most).join(", ");
  return names.length > most ? `${shown}, … (${names.length} in all)` : shown;
}

/** The data set with only the first `count` samples of every class in either split, for short runs. */
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
