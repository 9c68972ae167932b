/** A table of the variants of an experiment: the means over the runs of each, the best of every column marked. */

import { latexTable, latexText } from "./latex.ts";
import { markdownTable } from "./markdown.ts";
import { format2 } from "./number_text.ts";
import { type RunResults, runStatistics } from "./statistics.ts";

/** A cell of a comparison. */
export interface ComparedFigure {
  readonly mean: number;
  /** The standard deviation over several runs, with the divisor n − 1. */
  readonly std?: number;
  /** Whether no other variant has a better mean, to two decimals; false if all have the same. */
  readonly isBest: boolean;
  /** The mean minus that of the first variant, if both have one. */
  readonly change?: number;
}

/** A table of variants: a row each, a column per figure. */
export interface Comparison {
  readonly axes: readonly string[];
  readonly columns: readonly string[];
  readonly rows: readonly {
    /** A value for each axis. */
    readonly place: readonly string[];
    /** By column; undefined if a run of the variant has no finite figure. */
    readonly cells: readonly (ComparedFigure | undefined)[];
  }[];
}

/**
 * @param variants each with the results of at least one run; the others are compared with the first
 * @param lowerIsBetter the columns in which the lowest mean is the best
 */
export function compareVariants(
  axes: readonly string[],
  variants: readonly { readonly place: readonly string[]; readonly runs: readonly RunResults[] }[],
  columns: readonly string[],
  lowerIsBetter: ReadonlySet<string>,
): Comparison {
  const byColumn = columns.map((column) => {
    const figures = variants.map(({ runs }) => meanAndSpread(runs.map((run) => run[column])));
    const shown = figures.flatMap((figure) => figure ? [rounded(figure.mean)] : []);
    const best = lowerIsBetter.has(column) ? Math.min(...shown) : Math.max(...shown);
    const differ = shown.some((mean) => mean !== best);
    const [first] = figures;
    return figures.map((figure): ComparedFigure | undefined =>
      figure && {
        ...figure,
        isBest: differ && rounded(figure.mean) === best,
        ...(first && { change: figure.mean - first.mean }),
      }
    );
  });
  const rows = variants.map(({ place }, i) => ({ place, cells: byColumn.map((cells) => cells[i]) }));
  return { axes, columns, rows };
}

/** `97.50`, or `97.50 ± 1.25` over several runs. */
export function figureText({ mean, std }: ComparedFigure, plusMinus = "±"): string {
  return std === undefined ? format2(mean) : `${format2(mean)} ${plusMinus} ${format2(std)}`;
}

/** The best of every column in bold. */
export function comparisonMarkdown({ axes, columns, rows }: Comparison): string {
  return markdownTable([
    ...axes.map((header, i) => ({ header, text: rows.map(({ place }) => place[i]) })),
    ...columns.map((header, i) => ({
      header,
      text: rows.map(({ cells }) => cellText(cells[i], figureText, (text) => `**${text}**`)),
    })),
  ]);
}

/** The best of every column in bold. */
export function comparisonLatex({ axes, columns, rows }: Comparison): string {
  const text = (figure: ComparedFigure) => figureText(figure, "$\\pm$");
  return latexTable(
    [...axes, ...columns].map(latexText),
    rows.map(({ place, cells }) => [
      ...place.map(latexText),
      ...cells.map((cell) => cellText(cell, text, (text) => `\\textbf{${text}}`)),
    ]),
  );
}

function cellText(
  cell: ComparedFigure | undefined,
  text: (figure: ComparedFigure) => string,
  bold: (text: string) => string,
): string {
  if (!cell) return "–";
  return cell.isBest ? bold(text(cell)) : text(cell);
}

function meanAndSpread(values: readonly unknown[]): { mean: number; std?: number } | undefined {
  if (!values.every(Number.isFinite)) return undefined;
  const { mean, std } = runStatistics(values.map((value) => ({ value }))).rows;
  return { mean: mean[0], ...(values.length > 1 && { std: std[0] }) };
}

/** Rounds as printed, so that equal cells rank equally. */
function rounded(mean: number): number {
  return Number(format2(mean));
}
