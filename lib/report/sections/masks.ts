/** Figure 2 of the study: how large masks are by rank, and how much of them lies on the object. */

import { join } from "node:path";
import { z } from "zod";
import { readDataSetIndex } from "../../data/data_set_index.ts";
import { readJson } from "../../json/read_json.ts";
import { chartFile } from "../charts/chart_file.ts";
import { type LineChart, lineChart } from "../charts/line_chart.ts";
import { figure } from "../page/figure.ts";
import { html } from "../page/html.ts";
import { data } from "../page/inputs.ts";
import { defineSection, type SectionWithFiles } from "../page/section.ts";

/** The number of ranks in the charts, as in the study. */
const RANKS = 25;

/** How large masks are by rank, and how much of them lies on the object: a line for each data set and method. */
export default defineSection({
  id: "masks",
  name: "Masks",
  pages: ["row", "study"],
  inputs: { data, maskStatistics: { about: "statistics of the masks", many: true, optional: true } },
  render: (files, { titles }) =>
    masksFigure(
      files.rows(titles).flatMap(({ row, files: own }) => {
        const found = own.contents("maskStatistics", readStatistics);
        if (found.length === 0) return [];
        const { name } = own.content("data", readDataSetIndex);
        return found.map(({ label, content }) => ({
          label: [
            name,
            ...(row === undefined ? [] : [titles[row] ?? row]),
            ...(found.length > 1 ? [label] : []),
          ]
            .join(", "),
          statistics: content,
        }));
      }),
    ),
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

type LineOf = (statistics: MaskStatistics) => readonly number[] | undefined;

const CHARTS: readonly { file: string; title: string; yLabel: string; valuesOf: LineOf }[] = [
  {
    file: "figures/figure-2-size.svg",
    title: "Mask size by rank",
    yLabel: "mask size / image size",
    valuesOf: ({ sizeByRank }) => sizeByRank,
  },
  {
    file: "figures/figure-2-overlap.svg",
    title: "Object overlap by rank",
    yLabel: "mask object overlap",
    valuesOf: ({ overlapByRank }) => overlapByRank,
  },
];

function masksFigure(all: readonly LabelledStatistics[]): SectionWithFiles {
  const charts = CHARTS.flatMap(({ file, title, yLabel, valuesOf }) => {
    const series = all.flatMap(({ label, statistics }, colour) => {
      const values = valuesOf(statistics);
      if (!values) return [];
      const points = values.slice(0, RANKS).map((value, rank): [number, number] => [rank, value]);
      return [{ name: label, colour, points }];
    });
    if (series.length === 0) return [];
    const chart: LineChart = { title, xLabel: "mask index", yLabel, series, yFrom: 0, yTo: 1, markers: true };
    return [{ file, chart }];
  });
  const content = figure(
    html`<b>Masks</b> (Figure 2 of the paper). Mean size of the masks by rank, the largest first, and the mean share of a mask that lies on the object.${
      all.map(({ label, statistics }) =>
        html`
          ${all.length > 1 && `${label}: `}${factsText(statistics)}
        `
      )
    }`,
    html`<div class="pair">${charts.map(({ chart }) => html`<div>${lineChart(chart)}</div>`)}</div>`,
    [{ input: "maskStatistics" }],
  );
  const files = charts.flatMap(({ file, chart }) => {
    const text = chartFile(chart);
    return text === undefined ? [] : [[file, text]];
  });
  return { content, files: Object.fromEntries(files) };
}

function factsText(
  { images, masksPerImage: { least, mean, most }, masksToKeep, consistency }: MaskStatistics,
): string {
  return `${images} images have ${least} to ${most} masks, ${
    mean.toFixed(1)
  } on average; the first ${masksToKeep} ranks cover at least 1 % of an image on average.${
    consistency ? ` Consistency of the masks: ${consistency.intended.toFixed(1)} %.` : ""
  }`;
}
