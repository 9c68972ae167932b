/** The objective against the values of each parameter. */

import { allows } from "../../tuning/space.ts";
import { valueText } from "../../tuning/value_text.ts";
import { ACROSS, UPWARD } from "../charts/chart_frame.ts";
import { scatterChart } from "../charts/scatter_chart.ts";
import { figure } from "../page/figure.ts";
import { type Html, html } from "../page/html.ts";
import { arrow, type FinishedSearch, objectiveAxis, trialPoint } from "./finished_search.ts";
import { parameterAxis } from "./parameter_axis.ts";

/** A chart a parameter; undefined where no trial has a value. */
export function slices(search: FinishedSearch): Html | undefined {
  const { space, trials, objective } = search;
  const y = objectiveAxis(search, UPWARD);
  if (!y) return undefined;
  const charts = Object.entries(space).map(([name, given]) => {
    const shown = trials.filter(({ assignment }) =>
      Object.hasOwn(assignment, name) && allows(given, assignment[name])
    );
    const points = shown.map((trial) => {
      const value = trial.assignment[name];
      return trialPoint(trial, value, `${name} ${valueText(value)}, trial ${trial.trial}`);
    });
    const x = parameterAxis(given, ACROSS);
    const title = `${objective} by ${name} ${arrow(search)}`;
    return html`<div>${scatterChart({ title, xLabel: name, yLabel: objective, x, y, points })}</div>`;
  });
  return figure(
    html`<b>Slices.</b> The objective of each trial against its value of one parameter; the others differ as well.`,
    html`<div class="pair">${charts}</div>`,
    [],
  );
}
