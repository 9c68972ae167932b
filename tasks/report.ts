/** The kind `report`: a page about the runs of a workflow, with tables, curves, prototypes and images. */
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { defineTask } from "../lib/flow/kind.ts";
import type { LabelledPath } from "../lib/report/page/report_files.ts";
import { runView } from "../lib/report/page/run_view.ts";
import { report } from "../lib/report/report.ts";
import { RUN_FACTS_PLACEHOLDER } from "../lib/report/report_page.ts";
import { REPORT_INPUTS } from "../lib/report/sections.ts";
import { nativeLibraries } from "./permissions.ts";

/** The name of a row of a study; it is also the name of a folder. */
const rowName = z.string().regex(/^[A-Za-z0-9][\w.-]*$/).max(100);

const INPUTS = Object.keys(REPORT_INPUTS) as (keyof typeof REPORT_INPUTS)[];
const inputName = z.enum(INPUTS);

export default defineTask({
  name: "report",
  about: "write a page about the runs of a workflow, or of all rows of a study",
  params: z.strictObject({
    title: z.string().max(200).default("Report"),
    /** The name of the model in tables, unless its row has a title. */
    model: z.string().max(100).default("Model"),
    /** Figures are averaged over these axes of the matrix; each combination of the other axes is a variant with its own row. */
    average: z.array(z.string()).default(["seed"]),
    /**
     * By input, the rows of the study that its list belongs to: one name for each entry, in order. An input that is not
     * named here belongs to all rows. Rows with the names of published ones are compared with these.
     */
    rows: z.partialRecord(inputName, z.array(rowName)).default({}),
    /** By row, the name of its model in tables, in the order of the tables; rows without evaluations are "not run". */
    titles: z.record(rowName, z.string().max(100)).default({}),
    /** The maximum number of prototypes and of test images shown; they are those of the first run. */
    prototypes: z.int().positive().max(200).default(60),
    images: z.int().positive().max(60).default(12),
  }),
  inputs: REPORT_INPUTS,
  /** A folder with `index.html`, and files of its tables and figures; of a study also a folder for each row. */
  outputs: ["page"],
  runFacts: {
    output: "page",
    file: /(^|\/)index\.html$/,
    placeholder: RUN_FACTS_PLACEHOLDER,
    select: runView,
  },
  published: { output: "page", file: "published.json" },
  permissions: nativeLibraries,
  async run({ params, inputs, output, log }) {
    const paths = INPUTS.map((name) => [
      name,
      inputs(name).map((path, at) => labelled(path, at, name, params.rows[name])),
    ]);
    const folder = output("page");
    let size = 0;
    for await (const { path, content } of report(params, Object.fromEntries(paths))) {
      const file = join(folder, path);
      Deno.mkdirSync(dirname(file), { recursive: true });
      if (typeof content === "string") Deno.writeTextFileSync(file, content);
      else Deno.writeFileSync(file, content);
      size += content.length;
    }
    log(`the report has ${(size / 2 ** 20).toFixed(1)} MB`);
  },
});

/**
 * One of several inputs, by the last part of its path: its position in the list, its matrix values, or both. Its label is
 * its matrix values, or "run N" if it has none.
 *
 * @throws {RangeError} if the input has more entries than rows were named.
 */
function labelled(
  path: string,
  at: number,
  input: string,
  rows: readonly string[] | undefined,
): LabelledPath {
  const last = basename(path);
  const [, position, member] = /^(?:(\d+)(?:-|$))?(.*)$/.exec(last)!;
  const place = Number(position ?? 0);
  const row = rows?.[place];
  if (rows && row === undefined) {
    throw new RangeError(
      `rows.${input} names ${rows.length} rows, but the input has an entry ${
        place + 1
      }; name one for each entry`,
    );
  }
  const label = member === "" ? `run ${Number(position) + 1}` : row === undefined ? last : member;
  return { label, path, at, ...(row !== undefined && { row }) };
}
