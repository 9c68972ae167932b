/**
 * The kind `dataset`: converts a published data set, or drawn birds, to the format that all other kinds read.
 */
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { DEFAULT_BIRDS, MAX_CLASSES } from "../lib/data/birds/bird_spec.ts";
import { SPECS_FILE, writeBirds } from "../lib/data/birds/write_birds.ts";
import { checkImages } from "../lib/data/check_images.ts";
import { readCub200 } from "../lib/data/cub200.ts";
import { classesWithout, limitPerClass, listed, samplesOf } from "../lib/data/data_set.ts";
import { DataSetError } from "../lib/data/data_set_error.ts";
import { writeDataSet } from "../lib/data/data_set_index.ts";
import { firstClasses } from "../lib/data/mini.ts";
import { DATA_SETS, readDataSet } from "../lib/data/read_data_set.ts";
import { Skips } from "../lib/data/reading_options.ts";
import { defineTask } from "../lib/flow/kind.ts";
import { isThere } from "../lib/system/is_there.ts";

const birdsParams = z.strictObject({
  seed: z.int().nonnegative().default(DEFAULT_BIRDS.seed),
  classes: z.int().min(2).max(MAX_CLASSES).default(DEFAULT_BIRDS.classes),
  trainPerClass: z.int().positive().default(DEFAULT_BIRDS.trainPerClass),
  testPerClass: z.int().nonnegative().default(DEFAULT_BIRDS.testPerClass),
  /** Width and height in pixels. */
  size: z.int().min(16).max(2048).default(DEFAULT_BIRDS.size),
});

export default defineTask({
  name: "dataset",
  about: "read a data set, or draw birds, into images and one index",
  params: z.strictObject({
    name: z.enum(["birds", "cub200", "dogs", "cars196"]),
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
  }).refine(({ name, birds }) => name === "birds" || birds === undefined, {
    path: ["birds"],
    message: 'this param is allowed only with the name "birds"',
  }),
  inputs: ({ name }) =>
    name === "birds" ? {} : {
      source: { about: "a folder with the content of all archives", optional: true },
      ...Object.fromEntries(
        Object.entries(DATA_SETS[name].archives).map((
          [archive, about],
        ) => [archive, { about, optional: true }]),
      ),
    },
  outputs: ["data"],
  permissions: { ffi: true, env: true, sys: true },
  async run({ params, inputs, output, scratch, progress, log }) {
    const { name, birds, classes, limit, orientation } = params;
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
      const turned = orientation === "turn";
      try {
        const read = readDataSet(name, sources, { skip, turned });
        const folder = join(scratch, "turned");
        if (turned) Deno.mkdirSync(folder, { recursive: true });
        const checked = await checkImages(
          read,
          turned ? ({ id }) => join(folder, `${id}.png`) : undefined,
          show,
        );
        dataSet = checked.dataSet;
        logOriented(checked.oriented, turned, log);
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
    for (const split of ["train", "test"] as const) {
      const samples = samplesOf(dataSet, split);
      const without = classesWithout(dataSet.classes, samples);
      log(
        `${split}: ${samples.length} images of ${dataSet.classes.length - without.length} classes` +
          (without.length > 0 ? `; classes without images: ${listed(without)}` : ""),
      );
    }
    writeDataSet(output("data"), name, dataSet, show, skip.met);
    if (name === "birds") copyFileSync(join(drawn, SPECS_FILE), join(output("data"), SPECS_FILE));
  },
});

/** The error with the option that leaves out the faulty images. */
function withWayOut(error: DataSetError): Error {
  const samples = [...new Set(error.faults.flatMap(({ sample }) => sample ?? []))];
  if (samples.length === 0) return error;
  const skip = JSON.stringify(samples).replaceAll("'", "\\u0027");
  return new Error(
    `${error.message}\nRepair the files, or leave these images out (the output lists them): --set data.skip='${skip}'`,
    { cause: error },
  );
}

function logOriented(oriented: readonly string[], turned: boolean, log: (message: string) => void): void {
  if (oriented.length === 0) return;
  const what = turned
    ? "were rotated by it"
    : "are read as stored, like in the reference; to rotate them: --set data.orientation=turn";
  log(
    `warning: ${oriented.length} images have an EXIF orientation (the first is ${oriented[0]}) and ${what}`,
  );
}
