/** Line charts as inline SVG. Colours are defined by the page's style, for the light and the dark scheme. */

import { Html, html } from "../page/html.ts";
import { niceTicks, tickText } from "./ticks.ts";

/** A line of a chart. */
export interface Series {
  readonly name: string;
  /** Ascending in x; breaks where y is not finite. */
  readonly points: readonly (readonly [x: number, y: number])[];
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
const LEFT = 52;
const RIGHT = 12;
const TOP = 12;
const BOTTOM = 42;

/** The chart with its legend. */
export function lineChart(chart: LineChart): Html {
  const drawn = plot(chart);
  return drawn ? html`${drawn}${legend(chart.series)}` : html`<p class="none">no values</p>`;
}

/** The chart without its legend; undefined if it has no finite values. */
export function plot(chart: LineChart): Html | undefined {
  const points = chart.series.flatMap(({ points }) => points).filter(([, y]) => Number.isFinite(y));
  if (points.length === 0) return undefined;
  const xTicks = niceTicks(...extent(points.map(([x]) => x)), 6, true);
  const [least, most] = extent(points.map(([, y]) => y));
  const yTicks = niceTicks(chart.yFrom ?? least, chart.yTo ?? most, 5);
  const scale = (ticks: readonly number[], from: number, to: number) => {
    const [low, high] = [ticks[0], ticks[ticks.length - 1]];
    return (value: number) => Math.round((from + (value - low) / (high - low) * (to - from)) * 10) / 10;
  };
  const x = scale(xTicks, LEFT, WIDTH - RIGHT);
  const y = scale(yTicks, HEIGHT - BOTTOM, TOP);
  return html`
    <svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img"
      aria-label="${chart.title}">
    ${yTicks.map((tick) =>
      html`
        <line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(tick)}" y2="${y(tick)}" />
        <text x="${LEFT - 8}" y="${y(tick) + 4}" text-anchor="end">${tickText(tick, yTicks)}</text>
      `
    )}
    ${xTicks.map((tick) =>
      html`<text x="${x(tick)}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${
        tickText(tick, xTicks)
      }</text>`
    )}
    <line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${HEIGHT - BOTTOM}" y2="${HEIGHT - BOTTOM}"/>
    <text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 6}" text-anchor="middle">${chart.xLabel}</text>
    <text transform="translate(12 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">${chart
      .yLabel}</text>
    ${chart.series.map((series) => seriesLine(series, x, y, chart.markers === true))}
    </svg>
  `;
}

function seriesLine(
  { name, points, colour, dashed }: Series,
  x: (value: number) => number,
  y: (value: number) => number,
  markers: boolean,
): Html {
  let isDown = false;
  const path = points.map(([px, py]) => {
    if (!Number.isFinite(py)) {
      isDown = false;
      return "";
    }
    const command = isDown ? "L" : "M";
    isDown = true;
    return `${command}${x(px)} ${y(py)}`;
  }).join("");
  const finite = points.filter(([, py]) => Number.isFinite(py));
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
