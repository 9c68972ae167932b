/** The kind `report`: one page about the runs of a workflow, with tables, curves, prototypes and images. */
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { readDataSetIndex } from "../lib/data/data_set_index.ts";
import { defineTask } from "../lib/flow/kind.ts";
import { readEpochs } from "../lib/models/training/state/state_files.ts";
import { readEvaluation } from "../lib/evaluate/evaluation_file.ts";
import { reportPage, RUN_FACTS_PLACEHOLDER, type ShownRun } from "../lib/report/page/report_page.ts";
import type { MaskStatistics } from "../lib/segment/mask_statistics.ts";
import { nativeLibraries } from "./permissions.ts";

const readJson = (path: string) => JSON.parse(readFileSync(path, "utf8"));

export default defineTask({
  name: "report",
  about: "write one page about the runs of a workflow",
  params: z.strictObject({
    title: z.string().max(200).default("ProtoMask"),
    /** The name of the tables' row, before that of the data set. */
    model: z.string().max(100).default("ProtoMask"),
    /** Figures are averaged over these axes of the matrix; each combination of the other axes is a variant with its own row. */
    average: z.array(z.string()).default(["seed"]),
    /** The maximum number of prototypes and test images shown of the first run. */
    prototypes: z.int().positive().max(200).default(60),
    images: z.int().positive().max(60).default(12),
  }),
  inputs: {
    data: { about: "the data set" },
    evaluations: { about: "the evaluation of each run", many: true },
    trainViews: { about: "the views of the training set; prototypes are shown in them", optional: true },
    testViews: { about: "the views of the test set; images are shown by them", optional: true },
    prototypes: {
      about: "the list of prototypes of each run; they are shown where there are both kinds of views",
      many: true,
      optional: true,
    },
    logs: { about: "the epochs of each run", many: true, optional: true },
    saliency: { about: "saliency of the test images, of each run", many: true, optional: true },
    prototypeSaliency: {
      about: "saliency of the prototypes in their own views, of each run",
      many: true,
      optional: true,
    },
    maskStatistics: { about: "statistics of the masks", many: true, optional: true },
  },
  /** A folder with `index.html`. */
  outputs: ["page"],
  runFacts: { output: "page", file: "index.html", placeholder: RUN_FACTS_PLACEHOLDER },
  permissions: nativeLibraries,
  async run({ params, input, inputs, output, log }) {
    const labelled = <T>(name: string, read: (path: string) => T) =>
      inputs(name).map((path): [string, T] => [nameOf(path), read(path)]);
    const { name } = readDataSetIndex(input("data"));
    const row = `${params.model}, ${name}`;
    const page = await reportPage({
      ...params,
      row,
      data: input("data"),
      evaluations: labelled("evaluations", readEvaluation).map(([label, evaluation]) => ({
        label,
        evaluation,
      })),
      logs: labelled("logs", readEpochs).map(([label, epochs]) => ({ label, epochs })),
      maskStatistics: labelled(
        "maskStatistics",
        (path): MaskStatistics => readJson(join(path, "statistics.json")),
      ).map(([label, statistics], _, { length }) => ({
        label: length > 1 ? `${name}, ${label}` : name,
        statistics,
      })),
      shown: shownRun(inputs),
    });
    Deno.mkdirSync(output("page"));
    Deno.writeTextFileSync(join(output("page"), "index.html"), page);
    log(`the page has ${(page.length / 2 ** 20).toFixed(1)} MB`);
  },
});

/** The first run, if all inputs of its pictures are given. */
function shownRun(inputs: (name: string) => readonly string[]): ShownRun | undefined {
  const [[trainViews], [testViews], [prototypes]] = ["trainViews", "testViews", "prototypes"].map(inputs);
  if (!trainViews || !testViews || !prototypes) return undefined;
  return {
    trainViews,
    testViews,
    sources: readJson(prototypes),
    saliency: inputs("saliency")[0],
    prototypeSaliency: inputs("prototypeSaliency")[0],
  };
}

/** The label of one input of several: a member of the matrix, or its position, which is no name for a reader. */
function nameOf(path: string): string {
  const label = basename(path);
  return /^\d+$/.test(label) ? `run ${Number(label) + 1}` : label;
}
