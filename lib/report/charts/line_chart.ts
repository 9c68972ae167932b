/** Line charts as inline SVG. Colours are defined by the page's style, for the light and the dark scheme. */

import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import { type Html, html } from "../page/html.ts";

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
export interface LineChart {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly Series[];
  /** The ends of the axis; by default those of the values. */
  readonly yFrom?: number;
  readonly yTo?: number;
  /** Marks each point. */
  readonly markers?: boolean;
}

/** The size of a chart, in units of its own. */
export const WIDTH = 480;
export const HEIGHT = 270;
const LEFT = 68;
const RIGHT = 12;
const TOP = 12;
const BOTTOM = 42;

/** The chart with its title, its legend, and a readout of its values under the pointer and by the arrow keys. */
export function lineChart(chart: LineChart): Html {
  const axes = axesOf(chart);
  if (!axes) return html`<p class="none">no values</p>`;
  const text = "left and right arrow keys read its values";
  return html`
    <div class="readable" tabindex="0" role="group" aria-label="${chart.title}: ${text}"
      data-values="${readoutValues(chart, axes)}"><p class="chart-title">${chart.title}</p>${plotWith(
        chart,
        axes,
      )}<output></output></div>${legend(chart.series)}
  `;
}

/** The chart without its legend; undefined if it has no finite values. */
export function plot(chart: LineChart): Html | undefined {
  const axes = axesOf(chart);
  return axes && plotWith(chart, axes);
}

/** A scale from values to places in the chart, with its ticks and their texts. */
interface Axis {
  readonly at: (value: number) => number;
  readonly ticks: readonly (readonly [place: number, text: string])[];
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
    x: axis(extent(points.map(([x]) => x)), [LEFT, WIDTH - RIGHT], 6, true),
    y: axis([yFrom ?? least, yTo ?? most], [HEIGHT - BOTTOM, TOP], 5, false),
  };
}

function axis(
  [least, most]: readonly [number, number],
  range: readonly [number, number],
  about: number,
  isWhole: boolean,
): Axis {
  const domain = [least, most > least ? most : least + (Math.abs(least) || 1)];
  const scale = scaleLinear().domain(domain).range(range).nice(about);
  const text: (tick: number) => string = isWhole ? String : scale.tickFormat(about);
  const at = (value: number) => Math.round(scale(value) * 10) / 10;
  const ticks: number[] = scale.ticks(about).filter((tick: number) => !isWhole || Number.isInteger(tick));
  return { at, ticks: ticks.map((tick) => [at(tick), text(tick)]) };
}

function plotWith({ title, xLabel, yLabel, series, markers }: LineChart, { x, y }: Axes): Html {
  return html`
    <svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img"
      aria-label="${title}">
    ${y.ticks.map(([place, text]) =>
      html`
        <line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${place}" y2="${place}" />
        <text x="${LEFT - 8}" y="${place + 4}" text-anchor="end">${text}</text>
      `
    )}
    ${x.ticks.map(([place, text]) =>
      html`<text x="${place}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${text}</text>`
    )}
    <line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${HEIGHT - BOTTOM}" y2="${HEIGHT - BOTTOM}"/>
    <text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 6}" text-anchor="middle">${xLabel}</text>
    <text transform="translate(12 ${(TOP + HEIGHT - BOTTOM) /
      2}) rotate(-90)" text-anchor="middle">${yLabel}</text>
    ${series.map((one) => seriesLine(one, x.at, y.at, markers === true))}
    </svg>
  `;
}

function seriesLine(
  { name, points, colour, dashed }: Series,
  x: (value: number) => number,
  y: (value: number) => number,
  markers: boolean,
): Html {
  const path: string = line().x(([at]: Point) => x(at)).y(([, value]: Point) => y(value))
    .defined(([, value]: Point) => Number.isFinite(value))(points);
  const finite = points.filter(([, value]) => Number.isFinite(value));
  return html`
    <g
      class="c${colour % COLOURS}"><title>${name}</title><path class="line${dashed
        ? " dashed"
        : ""}" d="${path}"/>${(markers || finite.length === 1) &&
        finite.map(([px, py]) =>
          html`
            <circle cx="${x(px)}" cy="${y(py)}" r="2.6" />
          `
        )}</g>
  `;
}

/** What the page's script reads: for each place on the x axis its text, and the values of the series there. */
function readoutValues({ xLabel, series }: LineChart, { x }: Axes): string {
  const all = [...new Set(series.flatMap(({ points }) => points.map(([at]) => at)))].sort((a, b) => a - b);
  const bySeries = series.map(({ points }) => new Map(points));
  const columns = all.map((at) => ({
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
  return JSON.stringify({ width: WIDTH, top: TOP, bottom: HEIGHT - BOTTOM, columns });
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

function extent(values: readonly number[]): [number, number] {
  return [
    values.reduce((a, b) => Math.min(a, b), Infinity),
    values.reduce((a, b) => Math.max(a, b), -Infinity),
  ];
}
