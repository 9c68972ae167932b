/** Figures beside the published ones: how far they are apart, and what that says. */

import { format2, parseNumber } from "../tables/number_text.ts";
import { runStatistics } from "../tables/statistics.ts";
import type { PublishedCell, PublishedFigure } from "./published_figures.ts";

/** Up to so many published standard deviations from the published mean, a figure is reproduced. */
const REPRODUCED_WITHIN = 2;

/**
 * What a cell says beside the published figure; `unknown`: the published figure has not been transcribed, so that there is
 * nothing to compare with.
 */
export type Verdict = "reproduced" | "differs" | "not run" | "unknown";

/** A figure of our own; one run has no spread. */
export type OwnFigure = Pick<PublishedFigure, "mean"> & Partial<Pick<PublishedFigure, "std">>;

/** The figure of a row in a column, beside the published one. */
export interface ComparedCell {
  /** Mean over the runs, and of several runs their sample standard deviation, with two decimals as tables are printed. */
  readonly ours?: OwnFigure;
  readonly runs: number;
  /** Why there is no figure. */
  readonly missing?: string;
  readonly published?: PublishedFigure;
  /** Our mean minus the published one, in published standard deviations; infinite if these are 0 and the means differ. */
  readonly sigmas?: number;
  /** Absent if the paper has no such figure. */
  readonly verdict?: Verdict;
}

/**
 * @param values of each run; empty if the row was not run
 * @param found the published cell; undefined if the paper has no such row or column
 * @param missing why values are not finite
 */
export function comparePublished(
  values: readonly unknown[],
  found: PublishedCell | undefined,
  missing: string,
): ComparedCell {
  const hasFigure = values.length > 0 && values.every(Number.isFinite);
  const ours = hasFigure ? printedFigure(values as number[]) : undefined;
  const own = { runs: values.length, ...(ours ? { ours } : { missing }) };
  if (found === undefined || found === "none") return own;
  const published = found === "open" ? {} : { published: found };
  if (!ours) return { ...own, ...published, verdict: "not run" };
  if (found === "open") return { ...own, verdict: "unknown" };
  const sigmas = deviations(ours.mean - found.mean, found.std);
  return {
    ...own,
    published: found,
    sigmas,
    verdict: Math.abs(sigmas) <= REPRODUCED_WITHIN ? "reproduced" : "differs",
  };
}

/** A figure as tables print it, such as `85.10 ± 0.25`; of one run `85.10`. */
export function printed({ mean, std }: OwnFigure, plusMinus = "±"): string {
  return std === undefined ? format2(mean) : `${format2(mean)} ${plusMinus} ${format2(std)}`;
}

/** The difference, such as `+1.25 σ`. */
export function printedDeviation(sigmas: number): string {
  if (!Number.isFinite(sigmas)) return sigmas > 0 ? "+∞ σ" : "−∞ σ";
  return `${sigmas < 0 ? "−" : "+"}${format2(Math.abs(sigmas))} σ`;
}

function printedFigure(values: readonly number[]): OwnFigure {
  const { cells } = runStatistics(values.map((value) => ({ value })));
  return {
    mean: parseNumber(cells.mean[0]),
    ...(values.length > 1 && { std: parseNumber(cells.std[0]) }),
  };
}

/** Both means have two decimals; their difference has no more, but for rounding in binary. */
function deviations(difference: number, std: number): number {
  const rounded = Math.round(difference * 1e6) / 1e6;
  if (std > 0) return Math.round(rounded / std * 1e6) / 1e6;
  return rounded === 0 ? 0 : Math.sign(rounded) * Infinity;
}
