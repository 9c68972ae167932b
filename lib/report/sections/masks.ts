/** Figure 2 of the study: how large masks are by rank, and how much of them lies on the object. */

import { join } from "node:path";
import { z } from "zod";
import { readDataSetIndex } from "../../data/data_set_index.ts";
import { readJson } from "../../json/read_json.ts";
import { lineChart } from "../charts/line_chart.ts";
import { figure } from "../page/figure.ts";
import { type Html, html } from "../page/html.ts";
import { data } from "../page/inputs.ts";
import { defineSection } from "../page/section.ts";

/** The number of ranks in the charts, as in the study. */
const RANKS = 25;

/** How large masks are by rank, and how much of them lies on the object. */
export default defineSection({
  id: "masks",
  name: "Masks",
  inputs: { data, maskStatistics: { about: "statistics of the masks", many: true, optional: true } },
  render(files) {
    const { name } = files.content("data", readDataSetIndex);
    const all = files.contents("maskStatistics", readStatistics);
    return masksFigure(all.map(({ label, content }) => ({
      label: all.length > 1 ? `${name}, ${label}` : name,
      statistics: content,
    })));
  },
});

/** The statistics that the section shows. */
const statisticsSchema = z.object({
  images: z.int(),
  masksPerImage: z.object({ least: z.int(), mean: z.number(), most: z.int() }),
  masksToKeep: z.int(),
  sizeByRank: z.array(z.number()),
  overlapByRank: z.array(z.number()).optional(),
  consistency: z.object({ intended: z.number() }).optional(),
});

type MaskStatistics = z.output<typeof statisticsSchema>;

function readStatistics(folder: string): MaskStatistics {
  return readJson(join(folder, "statistics.json"), statisticsSchema, "statistics of masks");
}

interface LabelledStatistics {
  readonly label: string;
  readonly statistics: MaskStatistics;
}

function masksFigure(all: readonly LabelledStatistics[]): Html {
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
  return figure(
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
  );
}
