/**
 * The folder of a data set that all later tasks read: images, masks, and `dataset.json` with all annotations.
 */

import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { readJson } from "../json/read_json.ts";
import { classWeights, type DataSet, type Sample, samplesOf } from "./data_set.ts";

/** The name of the index in a data set's folder. */
const INDEX_FILE = "dataset.json";
const FORMAT = "protoflow data set 1";

/** Paths are relative to the data set's folder. */
const sampleSchema = z.strictObject({
  id: z.int().nonnegative(),
  name: z.string(),
  image: z.string(),
  label: z.int().nonnegative(),
  split: z.enum(["train", "test"]),
  box: z.tuple([z.number(), z.number(), z.number(), z.number()]).optional(),
  parts: z.array(z.tuple([z.int(), z.number(), z.number()])),
  segmentation: z.string().optional(),
  partMask: z.string().optional(),
});

const indexSchema = z.strictObject({
  format: z.literal(FORMAT),
  name: z.string(),
  classes: z.array(z.string()),
  /** Part names by part id. */
  partNames: z.record(z.string(), z.string()),
  /** Class weights for the loss, computed from the training samples. */
  classWeights: z.array(z.number()),
  /** Names of the samples that the option `skip` left out. */
  skipped: z.array(z.string()).optional(),
  samples: z.array(sampleSchema),
});

/** The content of `dataset.json`. */
export type DataSetIndex = z.infer<typeof indexSchema>;
/** A sample as the index stores it: paths are relative to the data set's folder. */
export type IndexedSample = DataSetIndex["samples"][number];

/**
 * Copies the images and masks of `dataSet` to `folder` (`images/`, `segmentations/`, `part_masks/`; file
 * names are sample names) and writes the index. Files are copied unchanged.
 */
export function writeDataSet(
  folder: string,
  name: string,
  dataSet: DataSet,
  progress: (done: number, total: number) => void = () => {},
  skipped: readonly string[] = [],
): void {
  const { classes, partNames, samples } = dataSet;
  const made = new Set<string>();
  const take = (from: string, to: string) => {
    const parent = dirname(join(folder, to));
    if (!made.has(parent)) {
      mkdirSync(parent, { recursive: true });
      made.add(parent);
    }
    copyFileSync(from, join(folder, to));
    return to;
  };
  const indexed = samples.map((sample, i): IndexedSample => {
    const { id, name, label, split, box, parts, segmentation, partMask } = sample;
    const png = name.replace(/\.[^./]*$/, ".png");
    progress(i + 1, samples.length);
    return {
      id,
      name,
      image: take(sample.path, `images/${name}${isTurned(sample) ? ".png" : ""}`),
      label,
      split,
      ...(box && { box: [...box] as IndexedSample["box"] }),
      parts: parts.map(([part, x, y]) => [part, x, y]),
      ...(segmentation && { segmentation: take(segmentation, `segmentations/${png}`) }),
      ...(partMask && { partMask: take(partMask, `part_masks/${png}`) }),
    };
  });
  const head = {
    format: FORMAT,
    name,
    classes,
    partNames: Object.fromEntries(partNames),
    classWeights: classWeights(samplesOf(dataSet, "train"), classes.length),
    ...(skipped.length > 0 && { skipped }),
  };
  mkdirSync(folder, { recursive: true });
  // One line per sample, so that two indexes can be compared with a line-based diff.
  const lines = indexed.map((sample) => JSON.stringify(sample)).join(",\n");
  writeFileSync(join(folder, INDEX_FILE), `${JSON.stringify(head).slice(0, -1)},"samples":[\n${lines}\n]}\n`);
}

/**
 * Whether the image was rotated by its EXIF orientation: a rotated image is a PNG, whatever its original
 * format.
 */
function isTurned({ name, path }: Sample): boolean {
  return /\.png$/i.test(path) && !/\.png$/i.test(name);
}

/**
 * The index of a folder that `writeDataSet` wrote.
 *
 * @throws {JsonFileError} if the index is missing or malformed.
 */
export function readDataSetIndex(folder: string): DataSetIndex {
  return readJson(join(folder, INDEX_FILE), indexSchema, "a data set");
}

/** The data set of a folder that `writeDataSet` wrote, with absolute paths. */
export function readIndexedDataSet(folder: string): DataSet {
  const { classes, partNames, samples } = readDataSetIndex(folder);
  return {
    classes,
    partNames: new Map(Object.entries(partNames).map(([id, name]) => [Number(id), name])),
    samples: samples.map((sample) => withPaths(folder, sample)),
  };
}

/** An entry of the index, or a part of one, with the absolute paths of its files in `folder`. */
export function withPaths<Entry extends Pick<IndexedSample, "image" | "segmentation" | "partMask">>(
  folder: string,
  { image, segmentation, partMask, ...entry }: Entry,
) {
  return {
    ...entry,
    path: join(folder, image),
    ...(segmentation !== undefined && { segmentation: join(folder, segmentation) }),
    ...(partMask !== undefined && { partMask: join(folder, partMask) }),
  };
}
