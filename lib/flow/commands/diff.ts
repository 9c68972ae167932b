/** `diff`: compares two runs: what was changed, and what became of the figures. */

import { count } from "../display/format.ts";
import { table } from "../display/table.ts";
import { print, printJson } from "../display/terminal.ts";
import { type ListedRun, listRun } from "../history/run_list.ts";
import { RunTable } from "../history/run_rows.ts";
import { runIdOf } from "../history/runs.ts";
import { partsOf } from "../history/variants.ts";
import type { Store } from "../store/store.ts";
import { type CommonOptions, openStore, type Project } from "./open_workflow.ts";
import { figureCells, type FigureDifference, figureDifferences } from "./figure_differences.ts";
import { choiceText } from "./run_columns.ts";
import { outputDifferences, type TaskDifference, taskDifferences } from "./task_differences.ts";

export interface DiffOptions extends CommonOptions {
  /** Whether every task and value is told. */
  readonly full?: boolean;
}

/** Together they fit a screen; the rest is counted. */
const MOST_CAUSES = 12;
const MOST_FIGURES = 20;
/** A longer value is cut. */
const LONGEST_VALUE = 60;

export async function diffCommand(
  project: Project,
  first: string,
  second: string,
  options: DiffOptions,
): Promise<number> {
  const { figures: declared = {} } = await project.registry();
  const store = openStore(project, options);
  try {
    const runs = [first, second].map((given) => listRun(store.folder, runIdOf(store.folder, given))!);
    const known = new RunTable(store, declared);
    const [old, fresh] = runs.map((run) => known.keysOf(run));
    const tasks = taskDifferences(store, old, fresh);
    const [before, now] = runs.map((run) => known.variantsOf(run));
    const figures = figureDifferences(before, now);
    if (options.json) printObjects(store, tasks, figures, options.full ?? false);
    else {
      const all = new Set([...Object.keys(old), ...Object.keys(fresh)]).size;
      print(
        ...heading(runs),
        ...(options.full ? tasks.flatMap((one) => describe(store, one)) : causes(tasks)),
      );
      print(...figureLines(figures, options.full ? Infinity : MOST_FIGURES));
      const more = options.full || tasks.length === 0 ? "" : "; --full tells each with its values";
      print(`${tasks.length} of ${count(all, "task")} ${tasks.length === 1 ? "differs" : "differ"}${more}`);
    }
    return 0;
  } finally {
    store.close();
  }
}

function heading(runs: readonly ListedRun[]): string[] {
  return table(runs.map(({ head, state }, i) => [
    i === 0 ? "first" : "second",
    head.run,
    [head.workflow, choiceText(head)].filter(Boolean).join(" "),
    state,
  ]));
}

/** A line for each cause, with the members that share it. */
function causes(tasks: readonly TaskDifference[]): string[] {
  const groups = new Map<string, { task: string; cause: string; ids: string[] }>();
  // What was changed is told before what was added or left out.
  const inOrder = [...tasks.filter(({ only }) => !only), ...tasks.filter(({ only }) => only)];
  for (const { id, only, causes } of inOrder) {
    const { task } = partsOf(id);
    for (const cause of only ? [`only in the ${only} run`] : causes) {
      const group = groups.get(`${task}\n${cause}`) ?? { task, cause, ids: [] };
      groups.set(`${task}\n${cause}`, group);
      group.ids.push(id);
    }
  }
  const rows = [...groups.values()].map(({ task, cause, ids }) => [
    `  ${ids.length === 1 ? ids[0] : `${task} (${ids.length} members)`}`,
    cause,
  ]);
  if (rows.length === 0) return [];
  const more = rows.length - MOST_CAUSES;
  const lines = table(rows.slice(0, MOST_CAUSES));
  return ["causes", ...lines, ...(more > 0 ? [`  … and ${more} more`] : [])];
}

function figureLines(figures: readonly FigureDifference[], most: number): string[] {
  if (figures.length === 0) return [];
  const isOneVariant = new Set(figures.map(({ task, member }) => `${task}[${member}]`)).size === 1;
  const differing = figures.filter(({ difference }) => difference.mean !== 0 || difference.std);
  const rows = differing.slice(0, most).map((one) => figureCells(one, isOneVariant));
  const seeds = differing.some(({ difference }) => difference.std !== undefined) ? " (± over seeds)" : "";
  const more = differing.length - rows.length;
  const same = figures.length - differing.length;
  return [
    ...(rows.length > 0
      ? table([
        [`figures${seeds}`, "first", "second", "difference"],
        ...rows.map((row) => [`  ${row[0]}`, ...row.slice(1)]),
      ])
      : []),
    ...(more > 0 ? [`  … and ${more} more`] : []),
    ...(same > 0 ? [`${count(same, "figure")} ${same === 1 ? "is" : "are"} the same`] : []),
  ];
}

/** Everything that is known of a task that differs. */
function describe(store: Store, { id, only, reasons, records }: TaskDifference): string[] {
  if (only) return [`${id}  only in the ${only} run`];
  const outputs = records ? [...outputDifferences(store, records)] : [];
  const rows = outputs.flatMap(([name, { digests, values }]) => [
    [`  output ${name}`, ...digests.map((digest) => digest.slice(0, 16))],
    ...[...values].map((
      [path, pair],
    ) => [`  ${path === "" ? name : `${name}.${path}`}`, ...pair.map(valueText)]),
  ]);
  return [id, ...reasons.map((reason) => `  ${reason}`), ...table(rows)];
}

function valueText(value: unknown): string {
  const text = value === undefined ? "" : String(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE - 1)}…` : text;
}

function printObjects(
  store: Store,
  tasks: readonly TaskDifference[],
  figures: readonly FigureDifference[],
  full: boolean,
): void {
  printJson(...figures.map((figure) => ({ event: "figure", ...figure })));
  for (const { id, only, reasons, causes, records } of tasks) {
    const outputs = records ? [...outputDifferences(store, records)] : [];
    printJson({
      event: "diff",
      id,
      only,
      reasons,
      causes,
      outputs: Object.fromEntries(outputs.map(([name, { digests }]) => [name, digests])),
      ...(full
        ? {
          values: Object.fromEntries(outputs.map(([name, { values }]) => [name, Object.fromEntries(values)])),
        }
        : {}),
    });
  }
}
