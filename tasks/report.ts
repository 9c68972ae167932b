/** The kind `report`: one page about the runs of a workflow, with tables, curves, prototypes and images. */
import { basename, join } from "node:path";
import { z } from "zod";
import { defineTask } from "../lib/flow/kind.ts";
import { reportPage, RUN_FACTS_PLACEHOLDER } from "../lib/report/report_page.ts";
import { REPORT_INPUTS } from "../lib/report/sections.ts";
import { nativeLibraries } from "./permissions.ts";

export default defineTask({
  name: "report",
  about: "write one page about the runs of a workflow",
  params: z.strictObject({
    title: z.string().max(200).default("ProtoMask"),
    /** The name of the model in tables. */
    model: z.string().max(100).default("ProtoMask"),
    /** Figures are averaged over these axes of the matrix; each combination of the other axes is a variant with its own row. */
    average: z.array(z.string()).default(["seed"]),
    /** The names of the rows that inputs belong to, by input and in the order of its list; they are an axis `row`. */
    rows: z.record(z.string(), z.array(z.string())).default({}),
    /** The maximum number of prototypes and of test images shown; they are those of the first run. */
    prototypes: z.int().positive().max(200).default(60),
    images: z.int().positive().max(60).default(12),
  }),
  inputs: REPORT_INPUTS,
  /** A folder with `index.html`. */
  outputs: ["page"],
  runFacts: { output: "page", file: "index.html", placeholder: RUN_FACTS_PLACEHOLDER },
  permissions: nativeLibraries,
  async run({ params, inputs, output, log }) {
    const paths = Object.keys(REPORT_INPUTS).map((name) => [
      name,
      inputs(name).map((path) => ({ label: labelOf(path, params.rows[name]), path })),
    ]);
    const page = await reportPage(params, Object.fromEntries(paths));
    Deno.mkdirSync(output("page"));
    Deno.writeTextFileSync(join(output("page"), "index.html"), page);
    log(`the page has ${(page.length / 2 ** 20).toFixed(1)} MB`);
  },
});

/**
 * The label of one of several inputs: the row that it belongs to and its matrix values, or "run N" if it has neither.
 * The path ends in the position in the list, the matrix values, or both.
 */
function labelOf(path: string, rows: readonly string[] | undefined): string {
  const [, position = "0", member] = /^(\d+)?-?(.*)$/.exec(basename(path))!;
  const row = rows?.[Number(position)];
  if (row !== undefined) return [`row=${row}`, ...(member === "" ? [] : [member])].join();
  return member === "" ? `run ${Number(position) + 1}` : basename(path);
}
