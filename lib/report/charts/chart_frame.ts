/** What charts share: their size, axes with a grid and labels, and a readout of values. */

import { scaleLinear, scaleLog } from "d3-scale";
import { type Html, html } from "../page/html.ts";

/** The size of a chart, in units of its own. */
export const WIDTH = 480;
export const HEIGHT = 270;
const LEFT = 68;
const RIGHT = 12;
const TOP = 12;
const BOTTOM = 42;

/** The places in the chart between which its axes go. */
export const ACROSS: Ends = [LEFT, WIDTH - RIGHT];
/** As {@link ACROSS}, from the lower end on. */
export const UPWARD: Ends = [HEIGHT - BOTTOM, TOP];

/** Two ends of a range, of values or of places. */
export type Ends = readonly [from: number, to: number];

/** A scale from values to places in the chart, with its ticks and their texts. */
export interface Axis<Value = number> {
  readonly at: (value: Value) => number;
  readonly ticks: readonly (readonly [place: number, text: string])[];
}

/** What a chart says of itself beside its marks. */
export interface ChartLabels {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
}

/** The texts of a place on the x axis. */
export interface ReadoutColumn {
  readonly place: number;
  readonly text: string;
}

/** @param about how many ticks there should be; they are whole numbers where `isWhole` */
export function numberAxis([least, most]: Ends, range: Ends, about: number, isWhole: boolean): Axis {
  const domain = [least, most > least ? most : least + (Math.abs(least) || 1)];
  const scale = scaleLinear().domain(domain).range(range).nice(about);
  const text: (tick: number) => string = isWhole ? String : scale.tickFormat(about);
  const at = (value: number) => rounded(scale(value));
  const ticks: number[] = scale.ticks(about).filter((tick: number) => !isWhole || Number.isInteger(tick));
  return { at, ticks: ticks.map((tick) => [at(tick), text(tick)]) };
}

/** As {@link numberAxis}, by logarithms; `least` is above 0. */
export function logAxis([least, most]: Ends, range: Ends, about: number): Axis {
  const domain = most > least ? [least, most] : [least / 2, 2 * least];
  const scale = scaleLog().domain(domain).range(range);
  const at = (value: number) => rounded(scale(value));
  const ticks: number[] = scale.ticks();
  const powers = ticks.filter((tick) => Math.abs(Math.log10(tick) - Math.round(Math.log10(tick))) < 1e-9);
  const chosen = powers.length > 1 ? powers : ticks;
  const every = Math.ceil(chosen.length / about);
  return {
    at,
    ticks: chosen.filter((_, i) => i % every === 0).map((tick) => [
      at(tick),
      String(Number(tick.toPrecision(3))),
    ]),
  };
}

/** A place with one decimal: more can't be seen. */
export function rounded(place: number): number {
  return Math.round(place * 10) / 10;
}

/** The chart with `marks` on its axes. */
export function framed(
  { title, xLabel, yLabel }: ChartLabels,
  [x, y]: readonly [readonly (readonly [number, string])[], readonly (readonly [number, string])[]],
  marks: Html | readonly Html[],
): Html {
  return html`
    <svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img"
      aria-label="${title}">
    ${y.map(([place, text]) =>
      html`
        <line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${place}" y2="${place}" />
        <text x="${LEFT - 8}" y="${place + 4}" text-anchor="end">${text}</text>
      `
    )}
    ${x.map(([place, text]) =>
      html`<text x="${place}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${text}</text>`
    )}
    <line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${HEIGHT - BOTTOM}" y2="${HEIGHT - BOTTOM}"/>
    <text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 6}" text-anchor="middle">${xLabel}</text>
    <text transform="translate(12 ${(TOP + HEIGHT - BOTTOM) /
      2}) rotate(-90)" text-anchor="middle">${yLabel}</text>
    ${marks}
    </svg>
  `;
}

/** The chart under its title, with a readout of `columns` under the pointer and by the arrow keys. */
export function readable(title: string, columns: readonly ReadoutColumn[], drawn: Html): Html {
  const text = "left and right arrow keys read its values";
  const values = JSON.stringify({ width: WIDTH, top: TOP, bottom: HEIGHT - BOTTOM, columns });
  return html`
    <div class="readable" tabindex="0" role="group" aria-label="${title}: ${text}"
      data-values="${values}"><p class="chart-title">${title}</p>${drawn}<output></output></div>
  `;
}

/** The least and the greatest of some values. */
export function extent(values: readonly number[]): [number, number] {
  return [
    values.reduce((a, b) => Math.min(a, b), Infinity),
    values.reduce((a, b) => Math.max(a, b), -Infinity),
  ];
}
