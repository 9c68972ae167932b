/** Parallel coordinates as inline SVG: an upright axis a column, and a line a row of the table that is shown. */

import { line } from "d3-shape";
import { type Html, html } from "../page/html.ts";
import { type Axis, HEIGHT, UPWARD, WIDTH } from "./chart_frame.ts";

/** An axis under its name. */
export interface ParallelAxis {
  readonly name: string;
  readonly ticks: Axis["ticks"];
}

/** A line through all axes. */
export interface ParallelLine {
  /** By axis. */
  readonly heights: readonly number[];
  /** From 0 to 1: how much it has of the colour of the best. */
  readonly share: number;
  readonly name: string;
}

/** Names stand above the axes in two lines in turn, so that long ones have room. */
const NAMES = 40;
const LEFT = 60;
const RIGHT = 60;
const LEAST_GAP = 110;

/** @param lines those drawn last lie on top */
export function parallelChart(
  title: string,
  axes: readonly ParallelAxis[],
  lines: readonly ParallelLine[],
): Html {
  const width = Math.max(WIDTH, LEFT + RIGHT + LEAST_GAP * (axes.length - 1));
  const gap = (width - LEFT - RIGHT) / Math.max(1, axes.length - 1);
  const height = HEIGHT + NAMES;
  const [bottom, top] = UPWARD;
  return html`
    <div class="scroll">
      <svg class="chart parallel" viewBox="0 ${-NAMES} ${width} ${height}" width="${width}"
        height="${height}" style="min-width:${width}px" role="img" aria-label="${title}">
    ${lines.map(({ heights, share, name }) =>
      html`
        <path style="--share:${Math.round(100 * share)}%" d="${line()(
          heights.map((at, i) => [LEFT + i * gap, at]),
        )}">
          <title>${name}</title>
        </path>
      `
    )}
    ${axes.map(({ name, ticks }, i) =>
      html`
        <line class="axis" x1="${LEFT + i * gap}" x2="${LEFT + i * gap}" y1="${top}" y2="${bottom}" />
        <text x="${LEFT + i * gap}" y="${i % 2 === 0 ? -6 : -24}" text-anchor="middle">${name}</text>
        ${ticks.map(([at, text]) =>
          html`
            <text x="${LEFT + i * gap - 6}" y="${at + 4}" text-anchor="end">${text}</text>
          `
        )}
      `
    )}
      </svg>
    </div>
  `;
}
