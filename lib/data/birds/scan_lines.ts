/** The spans of a polygon on scan lines. */

import type { Outline } from "./outlines.ts";

/**
 * Visits the spans within a polygon on the lines y = row + 0.5, from top to bottom and from left to right, by the
 * nonzero winding rule.
 *
 * @param begin rows before it are left out
 * @param end this row and those after it are left out
 * @param visit is given the row and where the span begins and ends
 */
export function forEachSpan(
  outline: Outline,
  [begin, end]: readonly [begin: number, end: number],
  visit: (row: number, from: number, to: number) => void,
): void {
  const ys = outline.map(([, y]) => y);
  const first = Math.max(begin, Math.ceil(Math.min(...ys) - 0.5));
  const last = Math.min(end - 1, Math.floor(Math.max(...ys) - 0.5));
  if (last < first) return;
  const { begins, xs, turns } = crossings(outline, first, last);
  for (let row = first; row <= last; row++) {
    let winding = 0;
    let from = 0;
    for (let at = begins[row - first]; at < begins[row - first + 1]; at++) {
      if (winding === 0) from = xs[at];
      winding += turns[at];
      if (winding === 0) visit(row, from, xs[at]);
    }
  }
}

/** The crossings of an outline with scan lines: those of line i are begins[i] … begins[i + 1] − 1, from left to right. */
interface Crossings {
  readonly begins: Uint32Array;
  readonly xs: Float64Array;
  /** +1 where the outline runs down, −1 where it runs up. */
  readonly turns: Int8Array;
}

function crossings(outline: Outline, first: number, last: number): Crossings {
  const begins = new Uint32Array(last - first + 2);
  forEachCrossedRow(outline, first, last, (row) => begins[row - first + 1]++);
  for (let line = 1; line < begins.length; line++) begins[line] += begins[line - 1];
  const ends = begins.slice();
  const xs = new Float64Array(begins[begins.length - 1]);
  const turns = new Int8Array(xs.length);
  forEachCrossedRow(outline, first, last, (row, fromX, fromY, toX, toY) => {
    const x = fromX + (row + 0.5 - fromY) * (toX - fromX) / (toY - fromY);
    let at = ends[row - first]++;
    for (; at > begins[row - first] && xs[at - 1] > x; at--) {
      xs[at] = xs[at - 1];
      turns[at] = turns[at - 1];
    }
    xs[at] = x;
    turns[at] = toY > fromY ? 1 : -1;
  });
  return { begins, xs, turns };
}

/** Visits each edge of the outline with each row whose line it crosses. */
function forEachCrossedRow(
  outline: Outline,
  first: number,
  last: number,
  visit: (row: number, fromX: number, fromY: number, toX: number, toY: number) => void,
): void {
  let [fromX, fromY] = outline[outline.length - 1];
  for (const [toX, toY] of outline) {
    // A row more on both sides: whether a line is crossed is decided by comparison alone, which never rounds.
    const begin = Math.max(first, Math.floor(Math.min(fromY, toY)) - 1);
    const end = Math.min(last, Math.ceil(Math.max(fromY, toY)));
    for (let row = begin; row <= end; row++) {
      const y = row + 0.5;
      if (fromY <= y !== toY <= y) visit(row, fromX, fromY, toX, toY);
    }
    fromX = toX;
    fromY = toY;
  }
}
