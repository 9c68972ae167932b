/** The figures of two runs side by side, with their differences over seeds. */

import { differenceText, figureText } from "../display/figure_text.ts";
import { type FigureVariant, meanAndStd, type SeedFigure } from "../history/variants.ts";
import { own } from "../own.ts";

/** A figure in two runs. */
export interface FigureDifference {
  readonly task: string;
  readonly member: string;
  readonly name: string;
  readonly first: SeedFigure;
  readonly second: SeedFigure;
  /** Of the second from the first; over the seeds that both have, where there are some. */
  readonly difference: { readonly mean: number; readonly std?: number };
}

/** The figures that two runs share, by variant and in the order of the second run. */
export function figureDifferences(
  first: readonly FigureVariant[],
  second: readonly FigureVariant[],
): FigureDifference[] {
  return second.flatMap(({ task, member, figures }) => {
    const before = first.find((one) => one.task === task && one.member === member)?.figures ?? {};
    return Object.entries(figures).flatMap(([name, now]): FigureDifference[] => {
      const old = own(before, name);
      return old ? [{ task, member, name, first: old, second: now, difference: differenceOf(old, now) }] : [];
    });
  });
}

/**
 * Seeds that both have are compared pair by pair, which leaves out what they have in common. Without any, the variances
 * of both add up.
 */
function differenceOf(first: SeedFigure, second: SeedFigure): FigureDifference["difference"] {
  const pairs = Object.entries(second.values).flatMap(([seed, value]) => {
    const old = own(first.values, seed);
    return old === undefined ? [] : [value - old];
  });
  if (pairs.length > 0) return meanAndStd(pairs);
  const mean = second.mean - first.mean;
  if (first.std === undefined || second.std === undefined) return { mean };
  return { mean, std: Math.hypot(first.std, second.std) };
}

/** Cells of a table: the figure, both values, the difference. */
export function figureCells(
  { task, member, name, first, second, difference }: FigureDifference,
  isOneVariant: boolean,
): string[] {
  const variant = isOneVariant ? "" : `${task}${member && `[${member}]`} `;
  const isSame = difference.mean === 0 && !difference.std;
  const text = isSame
    ? "="
    : differenceText(difference, Math.max(Math.abs(first.mean), Math.abs(second.mean)));
  return [variant + name, figureText(first), figureText(second), text];
}
