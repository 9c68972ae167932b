/** `runs`: all runs of a store, or of one workflow, as a table. */

import { FlowError } from "../errors.ts";
import { oneLine } from "../display/printable.ts";
import { table } from "../display/table.ts";
import { note, print, printJson } from "../display/terminal.ts";
import { RowIndex } from "../history/row_index.ts";
import { type ListedRun, listRun } from "../history/run_list.ts";
import { type RunRow, RunTable } from "../history/run_rows.ts";
import type { Store } from "../store/store.ts";
import { nearest } from "../suggest.ts";
import { userPath } from "../user_path.ts";
import { type CommonOptions, openStore, type Project } from "./open_workflow.ts";
import { columnNamed, columnsOf, type RunColumn, shownColumns, sorted } from "./run_columns.ts";

export interface RunsOptions extends CommonOptions {
  /** Names, separated by commas. */
  readonly columns?: string;
  readonly sort?: string;
  readonly reverse?: boolean;
  readonly csv?: boolean;
}

export async function runsCommand(
  project: Project,
  workflowName: string | undefined,
  options: RunsOptions,
): Promise<number> {
  const { figures: declared = {} } = await project.registry();
  const store = openStore(project, options);
  try {
    const index = new RowIndex(store, declared);
    const found = runsOf(index.runs(), workflowName).flatMap((run) => index.rowsOf(run));
    index.save();
    const all = columnsOf(found);
    const { sort = "when", reverse = false } = options;
    const rows = sorted(found, columnNamed(all, sort), reverse);
    if (options.json) printJson(...rows.map(rowObject));
    else if (options.csv) {
      print(...csv(options.columns === undefined ? all : shownColumns(all, rows, options.columns), rows));
    } else if (rows.length === 0) print(`nothing has been run with the store ${store.folder}`);
    else printTable(all, rows, options.columns);
    return 0;
  } finally {
    store.close();
  }
}

/** Prints the variants of a run beside each other, where they have figures. */
export async function printVariants(project: Project, store: Store, run: string): Promise<void> {
  const { figures: declared = {} } = await project.registry();
  const listed = listRun(store.folder, run);
  const rows = listed ? new RunTable(store, declared).rowsOf(listed) : [];
  if (rows.every(({ figures }) => Object.keys(figures).length === 0)) return;
  const all = columnsOf(rows);
  const shown = all.filter(({ name, csv }) => ["variant", "seeds"].includes(name) || csv !== undefined);
  printTable(shown, rows, undefined);
}

/** The runs of the workflow of that name, or of that file. @throws FlowError no-run */
function runsOf(runs: readonly ListedRun[], workflow: string | undefined): readonly ListedRun[] {
  if (workflow === undefined) return runs;
  const isPath = /[\\/]|\.(ts|js|mts|mjs)$/.test(workflow);
  const path = isPath ? userPath(workflow) : undefined;
  const own = runs.filter(({ head }) => (isPath ? head.file === path : head.workflow === workflow));
  if (own.length > 0) return own;
  const known = new Set(runs.map(({ head }) => head.workflow));
  const near = nearest(workflow, known);
  const help = near ? `did you mean "${near}"?` : `there are runs of: ${[...known].join(", ") || "none"}`;
  throw new FlowError("no-run", `there is no run of workflow "${workflow}"; ${help}`);
}

function printTable(all: readonly RunColumn[], rows: readonly RunRow[], chosen: string | undefined): void {
  const columns = shownColumns(all, rows, chosen);
  const texts = rows.map((row) => columns.map(({ text }) => oneLine(text(row))));
  print(...table([columns.map(({ name }) => name), ...texts]));
  const hidden = all.filter((one) => !columns.includes(one) && one.csv).map(({ name }) => name);
  if (chosen === undefined && hidden.length > 0) note(`more columns, for --columns: ${hidden.join(", ")}`);
}

function csv(columns: readonly RunColumn[], rows: readonly RunRow[]): string[] {
  const quoted = (text: string) => /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  const line = (cells: readonly string[]) => cells.map(quoted).join(",");
  return [
    line(columns.flatMap((one) => one.csv?.names ?? [one.name])),
    ...rows.map((row) =>
      line(columns.flatMap((one) => one.csv?.cells(row) ?? [String(one.value(row) ?? "")]))
    ),
  ];
}

function rowObject({ run: { head, state }, variant, seeds, figures, ms }: RunRow): object {
  const { run, workflow, file, started, tasks, overrides, device, user, owner: { host } } = head;
  const { profile, set } = overrides;
  return {
    event: "run",
    run,
    workflow,
    file,
    started,
    tasks,
    profile,
    set,
    device,
    user,
    host,
    variant,
    seeds,
    figures,
    ms,
    state,
  };
}
