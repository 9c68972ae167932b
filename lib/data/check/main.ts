/** The command `check-data`: says what is wrong with a folder of images before anything runs. */

import { parseArgs } from "node:util";
import { resolve } from "node:path";
import { isThere } from "../../system/is_there.ts";
import { DATA_SETS } from "../read_data_set.ts";
import { checkData, type DataCheck } from "./check_data.ts";
import { range } from "./facts.ts";

const USAGE = "deno task check-data FOLDER [--json]";
/** The workflows that run on such a folder as it is. */
const WORKFLOWS: Readonly<Record<string, string>> = { "image-folder": "own-images", cub200: "cub200-sample" };

/** The lines of a check for people. */
export function checkLines(check: DataCheck): string[] {
  const { folder, layout, facts, notes, warnings, errors, errorCount, wayOut } = check;
  const workflow = WORKFLOWS[layout];
  const source = `--set data.source=${
    /^[\w./-]+$/.test(folder) ? folder : `'${folder.replaceAll("'", "'\\''")}'`
  }`;
  const rest = errorCount - errors.length;
  return [
    `layout: ${DATA_SETS[layout].about} (the name of the data set is ${layout})`,
    ...(facts ? factLines(facts) : []),
    ...notes,
    ...warnings.map((warning) => `warning: ${warning}`),
    ...errors.map(({ file, line, reason }) =>
      `error: ${file}${line === undefined ? "" : `, line ${line}`}: ${reason}`
    ),
    ...(rest > 0 ? [`and ${rest} more errors`] : []),
    ...(wayOut === undefined ? [] : [`repair these files, or leave the images out: ${wayOut}`]),
    ...(workflow !== undefined && (errors.length === 0 || wayOut !== undefined)
      ? [`to run it: deno task run ${workflow} ${source}${wayOut === undefined ? "" : ` ${wayOut}`}`]
      : []),
  ].map(printable);
}

function factLines({ splits, width, height, kinds, annotations }: NonNullable<DataCheck["facts"]>): string[] {
  const fromTo = ([least, most]: readonly [number, number]) =>
    least === most ? `${least}` : `${least} to ${most}`;
  return [
    ...Object.entries(splits).map(([split, { images, byClass }]) => {
      const counts = Object.values(byClass).filter((count) => count > 0);
      const each = counts.length > 0 ? `, ${fromTo(range(counts))} a class` : "";
      return `${split}: ${images} images of ${counts.length} classes${each}`;
    }),
    `files: ${Object.entries(kinds).map(([kind, count]) => `${count} ${kind}`).join(", ")}; ` +
    `${fromTo(width)} pixels wide, ${fromTo(height)} high`,
    `annotations: ${annotations.join(", ") || "none: figures of objects and parts are left out"}`,
  ];
}

/** A line in which nothing from a name of a file steers the terminal. */
function printable(line: string): string {
  // deno-lint-ignore no-control-regex -- control characters are what it looks for
  return line.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, "\ufffd");
}

/** Resolves to the exit code: 0 if a run would go through the data, 1 if not, 2 if there is no such folder. */
async function main(args: readonly string[]): Promise<number> {
  let parsed;
  try {
    parsed = parseArgs({ args: [...args], options: { json: { type: "boolean" } }, allowPositionals: true });
  } catch (error) {
    console.error(`error: ${(error as Error).message}\n${USAGE}`);
    return 2;
  }
  const [given, ...others] = parsed.positionals;
  if (given === undefined || others.length > 0) {
    console.error(`error: expected one folder: ${USAGE}`);
    return 2;
  }
  const folder = resolve(Deno.env.get("PROTOFLOW_CWD") ?? "", given);
  if (!isThere(folder)) {
    console.error(`error: there is no folder ${folder}: correct the path`);
    return 2;
  }
  const shows = Deno.stderr.isTerminal() && !parsed.values.json;
  const encoder = new TextEncoder();
  const check = await checkData(folder, (done, total) => {
    if (shows) {
      Deno.stderr.writeSync(encoder.encode(`\r${done}/${total} images${done === total ? "\n" : ""}`));
    }
  });
  if (parsed.values.json) console.log(JSON.stringify(check));
  else for (const line of checkLines(check)) console.log(line);
  return check.errors.length > 0 ? 1 : 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
