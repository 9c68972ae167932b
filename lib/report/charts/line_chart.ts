/** Line charts as inline SVG. Colours are defined by the page's style, for the light and the dark scheme. */

import { line } from "d3-shape";
import { type Html, html } from "../page/html.ts";
import {
  ACROSS,
  type Axis,
  type ChartLabels,
  extent,
  framed,
  numberAxis,
  readable,
  type ReadoutColumn,
  UPWARD,
} from "./chart_frame.ts";

type Point = readonly [x: number, y: number];

/** A line of a chart. */
export interface Series {
  readonly name: string;
  /** Ascending in x; breaks where y is not finite. */
  readonly points: readonly Point[];
  /** An index of the page's colours, from 0. */
  readonly colour: number;
  readonly dashed?: boolean;
}

/** A chart with its axes. */
export interface LineChart extends ChartLabels {
  readonly series: readonly Series[];
  /** The ends of the axis; by default those of the values. */
  readonly yFrom?: number;
  readonly yTo?: number;
  /** Marks each point. */
  readonly markers?: boolean;
}

/** The chart with its title, its legend, and a readout of its values under the pointer and by the arrow keys. */
export function lineChart(chart: LineChart): Html {
  const axes = axesOf(chart);
  if (!axes) return html`<p class="none">no values</p>`;
  return html`${readable(chart.title, readoutColumns(chart, axes), plotWith(chart, axes))}${
    legend(chart.series)
  }`;
}

/** The chart without its legend; undefined if it has no finite values. */
export function plot(chart: LineChart): Html | undefined {
  const axes = axesOf(chart);
  return axes && plotWith(chart, axes);
}

interface Axes {
  readonly x: Axis;
  readonly y: Axis;
}

function axesOf({ series, yFrom, yTo }: LineChart): Axes | undefined {
  const points = series.flatMap(({ points }) => points).filter(([, y]) => Number.isFinite(y));
  if (points.length === 0) return undefined;
  const [least, most] = extent(points.map(([, y]) => y));
  return {
    x: numberAxis(extent(points.map(([x]) => x)), ACROSS, 6, true),
    y: numberAxis([yFrom ?? least, yTo ?? most], UPWARD, 5, false),
  };
}

function plotWith(chart: LineChart, { x, y }: Axes): Html {
  const marks = chart.series.map((one) => seriesLine(one, x.at, y.at, chart.markers === true));
  return framed(chart, [x.ticks, y.ticks], marks);
}

function seriesLine(
  { name, points, colour, dashed }: Series,
  x: (value: number) => number,
  y: (value: number) => number,
  markers: boolean,
): Html {
  // Null where no value is finite.
  const path: string | null = line().x(([at]: Point) => x(at)).y(([, value]: Point) => y(value))
    .defined(([, value]: Point) => Number.isFinite(value))(points);
  const finite = points.filter(([, value]) => Number.isFinite(value));
  return html`
    <g
      class="c${colour % COLOURS}"><title>${name}</title><path class="line${dashed
        ? " dashed"
        : ""}" d="${path ?? ""}"/>${(markers || finite.length === 1) &&
        finite.map(([px, py]) =>
          html`
            <circle cx="${x(px)}" cy="${y(py)}" r="2.6" />
          `
        )}</g>
  `;
}

/** For each place on the x axis its text, and the values of the series there. */
function readoutColumns({ xLabel, series }: LineChart, { x }: Axes): ReadoutColumn[] {
  const all = [...new Set(series.flatMap(({ points }) => points.map(([at]) => at)))].sort((a, b) => a - b);
  const bySeries = series.map(({ points }) => new Map(points));
  return all.map((at) => ({
    place: x.at(at),
    text: [
      `${xLabel} ${at}`,
      ...series.flatMap(({ name }, i) => {
        const value = bySeries[i].get(at);
        return value === undefined || !Number.isFinite(value)
          ? []
          : [`${name}: ${Number(value.toPrecision(4))}`];
      }),
    ].join("; "),
  }));
}

/** Colours that the page's style defines: c0, c1, … */
export const COLOURS = 6;

function legend(series: readonly Series[]): Html {
  return html`<ul class="legend">${
    series.map(({ name, colour, dashed }) =>
      html`<li class="c${colour % COLOURS}"><i class="${dashed ? "dashed" : ""}"></i>${name}</li>`
    )
  }</ul>`;
}
