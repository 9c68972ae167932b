/** The columns of the table of runs: their texts for people, and what they are sorted by. */

import { duration } from "../display/format.ts";
import { figureText } from "../display/figure_text.ts";
import { FlowError } from "../errors.ts";
import type { RunHead } from "../history/journal.ts";
import type { RunRow } from "../history/run_rows.ts";
import { own } from "../own.ts";
import { nearest } from "../suggest.ts";

export interface RunColumn {
  readonly name: string;
  text(row: RunRow): string;
  /** Absent values come last. */
  value(row: RunRow): string | number | undefined;
  /** Texts of the cells of `--csv`, where it takes more than one. */
  readonly csv?: { readonly names: readonly string[]; cells(row: RunRow): readonly string[] };
}

/** So many figures are shown where no columns are chosen. */
const MOST_FIGURES = 4;
/** Longer settings are cut; `--json` and `--csv` have all of them. */
const LONGEST_SETTINGS = 60;

const column = (name: string, value: RunColumn["value"], text?: RunColumn["text"]): RunColumn => ({
  name,
  value,
  text: text ?? ((row) => String(value(row) ?? "")),
});

const BEFORE_FIGURES: readonly RunColumn[] = [
  column("run", ({ run }) => run.head.run),
  column("when", ({ run }) => run.head.started, ({ run }) => whenText(run.head.started)),
  column("workflow", ({ run }) => run.head.workflow),
  column("profile", ({ run }) => run.head.overrides.profile),
  column(
    "overrides",
    ({ run }) => run.head.overrides.set.join(" "),
    ({ run }) => cut(run.head.overrides.set.join(" ")),
  ),
  column("variant", ({ variant }) => variant),
  column("seeds", ({ seeds }) => seeds.join(" ")),
];
const AFTER_FIGURES: readonly RunColumn[] = [
  column("time", ({ ms }) => ms, ({ ms }) => (ms === undefined ? "" : duration(ms))),
  column("state", ({ run }) => run.state),
];

function figureColumn(name: string): RunColumn {
  const figure = (row: RunRow) => own(row.figures, name);
  return {
    name,
    value: (row) => figure(row)?.mean,
    text: (row) => {
      const found = figure(row);
      return found ? figureText(found) : "";
    },
    csv: {
      names: [name, `${name} std`],
      cells: (row) => [figure(row)?.mean, figure(row)?.std].map((value) => String(value ?? "")),
    },
  };
}

/** All columns of some rows: the figures in the order in which they are found. */
export function columnsOf(rows: readonly RunRow[]): RunColumn[] {
  const names = new Set(rows.flatMap(({ figures }) => Object.keys(figures)));
  return [...BEFORE_FIGURES, ...[...names].map(figureColumn), ...AFTER_FIGURES];
}

/**
 * Of all columns those that are shown: the named ones, else those that tell runs apart and the first figures.
 *
 * @throws FlowError no-column
 */
export function shownColumns(
  all: readonly RunColumn[],
  rows: readonly RunRow[],
  chosen?: string,
): RunColumn[] {
  if (chosen !== undefined) return chosen.split(",").map((name) => columnNamed(all, name.trim()));
  let figures = 0;
  const shown = all.filter(({ csv }) => csv === undefined || ++figures <= MOST_FIGURES);
  return shown.filter((one) => rows.some((row) => one.text(row) !== ""));
}

/** @throws FlowError no-column with the nearest name */
export function columnNamed(all: readonly RunColumn[], name: string): RunColumn {
  const names = all.map((one) => one.name);
  const found = all.find((one) => one.name === name) ??
    all.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (found) return found;
  const near = nearest(name, names);
  const help = near ? `did you mean "${near}"?` : `there are: ${names.join(", ")}`;
  throw new FlowError("no-column", `there is no column "${name}"; ${help}`);
}

/** Sorted by a column, upwards; rows without a value come last, and equal ones keep their order. */
export function sorted(rows: readonly RunRow[], { value }: RunColumn, reverse: boolean): RunRow[] {
  const isAbsent = (found: string | number | undefined) => found === undefined || found === "";
  return rows.toSorted((one, other) => {
    const [a, b] = [value(one), value(other)];
    if (isAbsent(a) || isAbsent(b)) return Number(isAbsent(a)) - Number(isAbsent(b));
    const order = a! < b! ? -1 : a! > b! ? 1 : 0;
    return reverse ? -order : order;
  });
}

/** `--profile smoke --set joint.epochs=2`, as a run was asked for; empty where it was as the workflow says. */
export function choiceText({ overrides: { profile, set } }: Pick<RunHead, "overrides">): string {
  return cut([...(profile ? [`--profile ${profile}`] : []), ...set.map((one) => `--set ${one}`)].join(" "));
}

function cut(text: string): string {
  return text.length > LONGEST_SETTINGS ? `${text.slice(0, LONGEST_SETTINGS - 1)}…` : text;
}

/** Local time to the minute: `2026-11-29 16:05`. */
function whenText(started: string): string {
  const date = new Date(started);
  const two = (part: number) => String(part).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ` +
    `${two(date.getHours())}:${two(date.getMinutes())}`;
}
