/** Figure 2 of the study: how large masks are by rank, and how much of them lies on the object. */

import type { MaskStatistics } from "../../segment/mask_statistics.ts";
import { lineChart } from "../charts/line_chart.ts";
import { figure, section } from "./figure.ts";
import { type Html, html } from "./html.ts";

/** As in the study, only so many ranks are drawn. */
const RANKS = 25;

export interface LabelledStatistics {
  readonly label: string;
  readonly statistics: MaskStatistics;
}

export function masksSection(all: readonly LabelledStatistics[]): Html {
  const chart = (
    title: string,
    yLabel: string,
    valuesOf: (statistics: MaskStatistics) => readonly number[] | undefined,
  ) => {
    const series = all.flatMap(({ label, statistics }, colour) => {
      const values = valuesOf(statistics);
      if (!values) return [];
      const points = values.slice(0, RANKS).map((value, rank): [number, number] => [rank, value]);
      return [{ name: label, colour, points }];
    });
    if (series.length === 0) return undefined;
    return html`<div>${
      lineChart({ title, xLabel: "mask index", yLabel, series, yFrom: 0, yTo: 1, markers: true })
    }</div>`;
  };
  const [{ statistics }] = all;
  const { least, mean, most } = statistics.masksPerImage;
  return section(
    "masks",
    "Masks",
    figure(
      html`<b>Figure 2.</b> Mean size of the masks by rank, the largest first, and the mean share of a mask that lies on the object. ${statistics.images} images have ${least} to ${most} masks, ${
        mean.toFixed(1)
      } on average; the first ${statistics.masksToKeep} ranks cover at least 1 % of an image on average.${
        statistics.consistency &&
        ` Consistency of the masks: ${statistics.consistency.intended.toFixed(1)} %.`
      }`,
      html`<div class="pair">${[
        chart("Mask size by rank", "mask size / image size", ({ sizeByRank }) => sizeByRank),
        chart("Object overlap by rank", "mask object overlap", ({ overlapByRank }) => overlapByRank),
      ]}</div>`,
      [{ input: "maskStatistics" }],
    ),
  );
}
