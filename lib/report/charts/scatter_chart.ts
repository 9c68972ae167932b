/** Charts of marked points as inline SVG, with a line of steps where there is one. */

import { curveStepAfter, line } from "d3-shape";
import { type Html, html } from "../page/html.ts";
import { type Axis, type ChartLabels, framed, readable, UPWARD } from "./chart_frame.ts";

/** How points of one sort are marked. */
export interface PointSort {
  readonly name: string;
  readonly mark: "dot" | "diamond" | "cross";
  /** An index of the page's colours, from 0. */
  readonly colour: number;
}

/** A point of a chart. */
export interface ScatterPoint<X> {
  readonly x: X;
  /** Undefined for a point without a value: it is shown on the x axis. */
  readonly y: number | undefined;
  readonly sort: PointSort;
  /** What the readout says of it. */
  readonly text: string;
}

/** A chart with its axes. */
export interface ScatterChart<X> extends ChartLabels {
  readonly x: Axis<X>;
  readonly y: Axis;
  readonly points: readonly ScatterPoint<X>[];
  /** A line that keeps its height up to the next place. */
  readonly steps?: {
    readonly name: string;
    readonly colour: number;
    readonly places: readonly [X, number][];
  };
}

/** The chart with its title, its legend, and a readout of its points. */
export function scatterChart<X>(chart: ScatterChart<X>): Html {
  const { x, y, points, steps } = chart;
  const placed = points.map((point) => ({
    ...point,
    place: x.at(point.x),
    height: point.y === undefined ? UPWARD[0] : y.at(point.y),
  }));
  const columns = [...Map.groupBy(placed, ({ place }) => place)].sort(([a], [b]) => a - b)
    .map(([place, found]) => ({ place, text: found.map(({ text }) => text).join("; ") }));
  const path: string | undefined = steps &&
    line().x(([at]: [X, number]) => x.at(at)).y(([, value]: [X, number]) => y.at(value))
      .curve(curveStepAfter)(steps.places);
  const marks = html`${
    steps && html`
      <g class="c${steps.colour}">
        <title>${steps.name}</title>
        <path class="line" d="${path}" />
      </g>
    `
  }${
    placed.map(({ place, height, sort, text }) =>
      html`<g class="c${sort.colour}"><title>${text}</title>${markAt(sort, place, height)}</g>`
    )
  }`;
  return html`${readable(chart.title, columns, framed(chart, [x.ticks, y.ticks], marks))}${
    legend([...new Set(points.map(({ sort }) => sort))], steps)
  }`;
}

function markAt({ mark }: PointSort, x: number, y: number): Html {
  if (mark === "dot") {
    return html`
      <circle class="mark" cx="${x}" cy="${y}" r="3.2" />
    `;
  }
  const path = mark === "diamond"
    ? `M${x - 4.5} ${y}L${x} ${y - 4.5}L${x + 4.5} ${y}L${x} ${y + 4.5}Z`
    : `M${x - 3.5} ${y - 3.5}l7 7m0 -7l-7 7`;
  return html`
    <path class="mark ${mark === "diamond" ? "hollow" : "cross"}" d="${path}" />
  `;
}

function legend<X>(sorts: readonly PointSort[], steps: ScatterChart<X>["steps"]): Html {
  return html`<ul class="legend">${steps && html`<li class="c${steps.colour}"><i></i>${steps.name}</li>`}${
    sorts.map((sort) =>
      html`<li class="c${sort.colour}"><svg viewBox="0 0 12 12" aria-hidden="true">${
        markAt(sort, 6, 6)
      }</svg>${sort.name}</li>`
    )
  }</ul>`;
}
