/** The kind `dataset`: a published data set, or the drawn birds, in the one form that all other kinds read. */
import { copyFileSync, existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { DEFAULT_BIRDS, MAX_CLASSES } from "../lib/data/birds/bird_spec.ts";
import { SPECS_FILE, writeBirds } from "../lib/data/birds/write_birds.ts";
import { readCub200 } from "../lib/data/cub200.ts";
import { classesWithout, limitPerClass, listed, samplesOf } from "../lib/data/data_set.ts";
import { DataSetError, type Fault } from "../lib/data/data_set_error.ts";
import { writeDataSet } from "../lib/data/data_set_index.ts";
import { firstClasses } from "../lib/data/mini.ts";
import { DATA_SETS, readDataSet } from "../lib/data/read_data_set.ts";
import { defineTask } from "../lib/flow/kind.ts";

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
    /** How to draw birds; only with that name. */
    birds: birdsParams.optional(),
    /** Only so many classes, the first. */
    classes: z.int().positive().optional(),
    /** Only so many samples of every class in either split, the first. */
    limit: z.int().positive().optional(),
  }).refine(({ name, birds }) => name === "birds" || birds === undefined, {
    path: ["birds"],
    message: 'these params are those of the name "birds"',
  }),
  inputs: ({ name }) =>
    name === "birds" ? {} : {
      source: { about: "a folder with all that the archives hold", optional: true },
      ...Object.fromEntries(
        Object.entries(DATA_SETS[name].archives).map((
          [archive, about],
        ) => [archive, { about, optional: true }]),
      ),
    },
  outputs: ["data"],
  run({ params, inputs, output, scratch, progress, log }) {
    const { name, birds, classes, limit } = params;
    const drawn = join(scratch, "birds");
    const show = (done: number, total: number) => {
      if (done % 50 === 0 || done === total) progress({ done, total, unit: "images" });
    };
    let dataSet;
    if (name === "birds") {
      if (existsSync(drawn)) Deno.removeSync(drawn, { recursive: true });
      writeBirds(drawn, birdsParams.parse(birds ?? {}), show);
      dataSet = readCub200(drawn);
    } else {
      const archives = ["source", ...Object.keys(DATA_SETS[name].archives)];
      const sources = Object.fromEntries(archives.map((archive) => [archive, inputs(archive)[0]]));
      try {
        dataSet = readDataSet(name, sources);
      } catch (error) {
        throw error instanceof DataSetError ? asUserKnows(error, Object.values(sources)) : error;
      }
    }
    if (classes !== undefined) dataSet = firstClasses(dataSet, classes);
    if (limit !== undefined) dataSet = limitPerClass(dataSet, limit);
    for (const split of ["train", "test"] as const) {
      const samples = samplesOf(dataSet, split);
      const without = classesWithout(dataSet.classes, samples);
      log(
        `${split}: ${samples.length} images of ${dataSet.classes.length - without.length} classes` +
          (without.length > 0 ? `; without an image: ${listed(without)}` : ""),
      );
    }
    writeDataSet(output("data"), name, dataSet, show);
    if (name === "birds") copyFileSync(join(drawn, SPECS_FILE), join(output("data"), SPECS_FILE));
  },
});

/** The faults in the user's own files, rather than behind the links by which the task sees them. */
function asUserKnows({ faults, count, cause }: DataSetError, links: (string | undefined)[]): DataSetError {
  const [{ file, line, reason }, ...others] = faults.map((fault): Fault => {
    const link = links.find((link) =>
      link !== undefined && (fault.file === link || fault.file.startsWith(`${link}/`))
    );
    return link ? { ...fault, file: realpathSync(link) + fault.file.slice(link.length) } : fault;
  });
  return new DataSetError(file, line, reason, { others, count, ...(cause !== undefined && { cause }) });
}
