/** The objective as trials went on, and which of them ended early, and when. */

import { lastStep } from "../../tuning/savings.ts";
import { bestOf, type FinishedTrial } from "../../tuning/trial.ts";
import { valueText } from "../../tuning/value_text.ts";
import { plot, type Series } from "../charts/line_chart.ts";
import { figure } from "../page/figure.ts";
import { type Html, html } from "../page/html.ts";
import { scrolledTable } from "../page/scrolled_table.ts";
import { arrow, type FinishedSearch, shownValue, SORTS } from "./finished_search.ts";

/** Undefined where all trials are complete and none reported on its way. */
export function earlyEnds(search: FinishedSearch): Html | undefined {
  const { trials } = search;
  const ended = trials.filter(({ state }) => state !== "complete");
  if (ended.length === 0 && trials.every(({ reports }) => reports.length === 0)) return undefined;
  return html`${curves(search)}${
    ended.length > 0 && figure(
      html`<b>Trials that ended early:</b> those that were pruned, with the last step that they did, and those that failed.`,
      scrolledTable(["trial", "state", "last step", "value there"], ended.map(row)),
      [],
      "table",
    )
  }`;
}

function row(trial: FinishedTrial): Html {
  const value = shownValue(trial);
  return html`
    <tr>
      <th scope="row">${trial.trial}</th>
      <td>${trial.state}</td>
      <td>${lastStep(trial) ?? "–"}</td>
      <td>${value === undefined ? "–" : valueText(value)}</td>
    </tr>
  `;
}

const BEST = 0;

function curves(search: FinishedSearch): Html | undefined {
  const { trials, direction, objective } = search;
  const best = bestOf(trials, direction);
  const title = `${objective} by step ${arrow(search)}`;
  const reporting = trials.filter(({ reports }) => reports.length > 0);
  // What is drawn last lies on top.
  const ordered = [
    ...reporting.filter((trial) => trial !== best),
    ...reporting.filter((one) => one === best),
  ];
  const drawn = plot({
    title,
    xLabel: "step",
    yLabel: objective,
    series: ordered.map((trial): Series => ({
      name: `trial ${trial.trial}, ${trial.state}`,
      colour: trial === best ? BEST : SORTS[trial.state].colour,
      dashed: trial.state !== "complete",
      points: trial.reports.toSorted(([a], [b]) => a - b).map(([step, value]) => [step, value ?? NaN]),
    })),
  });
  const legend = [
    ["the best trial", BEST, ""],
    ["complete", SORTS.complete.colour, ""],
    ["pruned", SORTS.pruned.colour, "dashed"],
    ["failed", SORTS.failed.colour, "dashed"],
  ] as const;
  return drawn && figure(
    html`<b>The objective as trials went on.</b> A line a trial, up to where it ended.`,
    html`<div class="single"><p class="chart-title">${title}</p>${drawn}<ul class="legend">${
      legend.map(([name, colour, style]) => html`<li class="c${colour}"><i class="${style}"></i>${name}</li>`)
    }</ul></div>`,
    [],
  );
}
