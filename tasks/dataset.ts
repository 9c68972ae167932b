/**
 * The kind `dataset`: converts a published data set, or drawn birds, to the format that all other kinds read.
 */
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { DEFAULT_BIRDS, MAX_CLASSES } from "../lib/data/birds/bird_spec.ts";
import { SPECS_FILE, writeBirds } from "../lib/data/birds/write_birds.ts";
import { checkImages } from "../lib/data/check/check_images.ts";
import { readCub200 } from "../lib/data/cub200.ts";
import { limitPerClass } from "../lib/data/data_set.ts";
import { DataSetError } from "../lib/data/data_set_error.ts";
import { writeDataSet } from "../lib/data/data_set_index.ts";
import { imageWarnings, skipSetting, splitNotes } from "../lib/data/check/warnings.ts";
import { firstClasses } from "../lib/data/mini.ts";
import { DATA_SETS, readDataSet } from "../lib/data/read_data_set.ts";
import { Skips } from "../lib/data/reading_options.ts";
import { defineTask, type InputDeclaration } from "../lib/flow/kind.ts";
import { isThere } from "../lib/system/is_there.ts";

const birdsParams = z.strictObject({
  seed: z.int().nonnegative().default(DEFAULT_BIRDS.seed),
  classes: z.int().min(2).max(MAX_CLASSES).default(DEFAULT_BIRDS.classes),
  trainPerClass: z.int().positive().default(DEFAULT_BIRDS.trainPerClass),
  testPerClass: z.int().nonnegative().default(DEFAULT_BIRDS.testPerClass),
  /** Width and height in pixels. */
  size: z.int().min(16).max(2048).default(DEFAULT_BIRDS.size),
});

const splitParams = z.strictObject({
  seed: z.int().nonnegative().max(2 ** 32 - 1).optional(),
  /** The share of a class's images that is not for testing. */
  trainShare: z.number().gt(0).lt(1).optional(),
  /** For cross-validation: the training images are cut into this many folds. */
  folds: z.int().min(2).optional(),
  /** The fold that is the validation part, from 0; `evaluateOn: "val"` makes it the test images. */
  fold: z.int().nonnegative().optional(),
}).refine(({ folds = 1, fold = 0 }) => fold < folds, {
  path: ["fold"],
  message: "expected a number below folds",
});

export default defineTask({
  name: "dataset",
  about: "read a data set, or draw birds, into images and one index",
  params: z.strictObject({
    name: z.enum(["birds", "cub200", "dogs", "cars196", "image-folder"]),
    /** How to draw birds; allowed only with `name: "birds"`. */
    birds: birdsParams.optional(),
    /** Keep only the first classes, this many. */
    classes: z.int().positive().optional(),
    /** Keep only the first samples, this many, of every class in each split. */
    limit: z.int().positive().optional(),
    /** Samples to leave out, by their names `<class>/<file>`; the output's index lists them. */
    skip: z.union([z.string(), z.array(z.string())]).optional(),
    /** Whether images are rotated by their EXIF orientation; the reference reads them as stored. */
    orientation: z.enum(["as-stored", "turn"]).optional(),
    /** How an image folder without a split is split at random; by default 0.7 of each class, with the seed 42. */
    split: splitParams.optional(),
    /** Of an image folder with validation and test images: which are the test images; default: `test`. */
    evaluateOn: z.enum(["test", "val"]).optional(),
  }).refine(({ name, birds }) => name === "birds" || birds === undefined, {
    path: ["birds"],
    message: 'this param is allowed only with the name "birds"',
  }).refine(({ name, split, evaluateOn }) => name === "image-folder" || !split && !evaluateOn, {
    path: ["split"],
    message: 'the params split and evaluateOn are allowed only with the name "image-folder"',
  }),
  inputs: ({ name }) => name === "birds" ? {} : sourcesOf(name),
  outputs: ["data"],
  permissions: { ffi: true, env: true, sys: true },
  async run({ params, inputs, output, scratch, progress, log }) {
    const { name, birds, classes, limit } = params;
    const drawn = join(scratch, "birds");
    const show = (done: number, total: number) => {
      if (done % 50 === 0 || done === total) progress({ done, total, unit: "images" });
    };
    const skip = new Skips([params.skip ?? []].flat());
    let dataSet;
    if (name === "birds") {
      if (isThere(drawn)) Deno.removeSync(drawn, { recursive: true });
      writeBirds(drawn, birdsParams.parse(birds ?? {}), show);
      dataSet = readCub200(drawn);
    } else {
      const archives = ["source", ...Object.keys(DATA_SETS[name].archives)];
      const sources = Object.fromEntries(archives.map((archive) => [archive, inputs(archive)[0]]));
      const turned = params.orientation === "turn";
      const { split, evaluateOn } = params;
      const warn = (message: string) => log(`warning: ${message}`);
      try {
        const read = readDataSet(name, sources, { skip, turned, split, evaluateOn, note: log, warn });
        const folder = join(scratch, "turned");
        if (turned) Deno.mkdirSync(folder, { recursive: true });
        const checked = await checkImages(
          read,
          turned ? ({ id }) => join(folder, `${id}.png`) : undefined,
          show,
        );
        checked.faults.throwIfAny();
        dataSet = checked.dataSet;
        imageWarnings(checked, turned).forEach(warn);
      } catch (error) {
        throw error instanceof DataSetError ? withWayOut(error) : error;
      }
    }
    if (skip.unknown.length > 0) {
      throw new Error(
        `the param skip names ${JSON.stringify(skip.unknown[0])}, which is not an image of the data set: ` +
          "expected a class folder and a file name, such as 001.Ani/a.jpg",
      );
    }
    for (const left of skip.met) log(`left out: ${left}`);
    if (classes !== undefined) dataSet = firstClasses(dataSet, classes);
    if (limit !== undefined) dataSet = limitPerClass(dataSet, limit);
    for (const note of splitNotes(dataSet)) log(note);
    writeDataSet(output("data"), name, dataSet, show, skip.met);
    if (name === "birds") copyFileSync(join(drawn, SPECS_FILE), join(output("data"), SPECS_FILE));
  },
});

/** The inputs of a data set: one folder with all of it, or its archives. */
function sourcesOf(name: keyof typeof DATA_SETS): Record<string, InputDeclaration> {
  const { about, archives } = DATA_SETS[name];
  const listed: [string, { about: string; optional?: true }][] = Object.entries(archives);
  return {
    source: { about: `a folder, ${about}`, ...listed.length > 0 ? { optional: true } : { open: "source" } },
    ...Object.fromEntries(
      listed.map(([archive, { about, optional }]) => [
        archive,
        optional ? { about, optional } : { about, open: "source" },
      ]),
    ),
  };
}

/** The error with the option that leaves out the faulty images. */
function withWayOut(error: DataSetError): Error {
  if (error.samples.length === 0) return error;
  return new Error(
    `${error.message}\nRepair the files, or leave these images out (the output lists them): ${
      skipSetting(error.samples)
    }`,
    { cause: error },
  );
}
