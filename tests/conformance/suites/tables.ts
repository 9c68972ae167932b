/** Runs the cases of the suite "tables". */

import { format2 } from "../../../lib/report/tables/number_text.ts";
import { paperLatex, paperTable } from "../../../lib/report/tables/paper_table.ts";
import { rankMarkdown } from "../../../lib/report/tables/rank_table.ts";
import {
  type RunResults,
  runStatistics,
  statisticsLatex,
  statisticsMarkdown,
} from "../../../lib/report/tables/statistics.ts";
import { objectOverlap } from "../../../lib/segment/object_overlap.ts";
import { masksToKeep, meanByRank } from "../../../lib/segment/rank_means.ts";
import type { HostTensor } from "../../../lib/tensor/host_tensor.ts";
import { mask } from "../../../lib/vision/image.ts";
import { encodeRunLengths } from "../../../lib/vision/masks/rle.ts";
import { type Case, type Json, type Outcome, type Runner, tensorOf } from "../case.ts";
import { figureSeries } from "../reference/figure_series.ts";
import { numbers, slices } from "./metrics/inputs.ts";

export const runners: Record<string, Runner> = {
  "tables.format2": ({ params }) => ({
    values: { text: params.values.map((value: Json) => format2(numberOf(value))) },
  }),
  "tables.statistics": ({ params }) => {
    const table = runStatistics(params.runs.map(runOf), params.fidelity ?? "reference");
    return {
      values: { ...table, markdown: statisticsMarkdown(table), latex: statisticsLatex(table) },
    };
  },
  "tables.paper_rows": ({ params }) => {
    const groups = Object.entries<Json[]>(params.datasets).map(([name, runs]) => [name, runs.map(runOf)]);
    const table = paperTable(Object.fromEntries(groups), params.fidelity ?? "reference");
    const rows = [...table.rows].map(([name, cells]) => [name, Object.fromEntries(cells)]);
    return { values: { rows: Object.fromEntries(rows), latex: paperLatex(table) } };
  },
  "tables.figure2_size": ({ params }) => {
    const mean = meanByRank(params.sizes);
    return { values: { mean, keep: masksToKeep(mean, params.threshold), markdown: rankMarkdown(mean) } };
  },
  "tables.figure2_overlap": overlap,
  "tables.figure2_series": ({ params }) => ({
    values: { series: figureSeries(params.tables, params.rows, params.fidelity) },
  }),
};

function overlap(testCase: Case): Outcome {
  const stack = (name: string) =>
    slices(tensorOf(testCase, name) as HostTensor<"uint8">)
      .map(({ shape, data }) => encodeRunLengths(mask(shape[1], shape[0], data)));
  const image = numbers(testCase, "in.image");
  const masks = stack("in.masks");
  const overlaps = stack("in.object").map((object, i) =>
    masks.filter((_, m) => image[m] === i).map((one) => objectOverlap(one, object))
  );
  const mean = meanByRank(overlaps);
  return { values: { mean, markdown: rankMarkdown(mean) } };
}

function runOf(run: Record<string, Json>): RunResults {
  return Object.fromEntries(Object.entries(run).map(([name, value]) => [name, numberOf(value)]));
}

function numberOf(value: Json): Json {
  return ["NaN", "Infinity", "-Infinity"].includes(value) ? Number(value) : value;
}
