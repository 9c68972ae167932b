/** The values and the objective of all complete trials beside each other. */

import { allows } from "../../tuning/space.ts";
import { valueText } from "../../tuning/value_text.ts";
import { UPWARD } from "../charts/chart_frame.ts";
import { parallelChart } from "../charts/parallel_chart.ts";
import { figure } from "../page/figure.ts";
import { type Html, html } from "../page/html.ts";
import { type FinishedSearch, objectiveAxis } from "./finished_search.ts";
import { parameterAxis } from "./parameter_axis.ts";

/** Undefined where no trial of this space is complete. */
export function parallelCoordinates(search: FinishedSearch): Html | undefined {
  const { space, trials, direction, objective } = search;
  const parameters = Object.entries(space).map(([name, given]) => ({
    name,
    given,
    axis: parameterAxis(given, UPWARD),
  }));
  const shown = trials.filter(({ state, assignment }) =>
    state === "complete" &&
    parameters.every(({ name, given }) => Object.hasOwn(assignment, name) && allows(given, assignment[name]))
  );
  const value = objectiveAxis(search, UPWARD);
  if (shown.length === 0 || !value) return undefined;
  const sign = direction === "maximize" ? 1 : -1;
  const worstFirst = shown.toSorted((a, b) => sign * (a.value! - b.value!) || b.trial - a.trial);
  const chart = parallelChart(
    `The values of ${shown.length} trials and their ${objective}`,
    [...parameters.map(({ name, axis }) => ({ name, ticks: axis.ticks })), {
      name: objective,
      ticks: value.ticks,
    }],
    worstFirst.map(({ trial, assignment, value: own }, i) => ({
      heights: [...parameters.map(({ name, axis }) => axis.at(assignment[name])), value.at(own!)],
      share: shown.length > 1 ? i / (shown.length - 1) : 1,
      name: `trial ${trial}: ${
        parameters.map(({ name }) => `${name} ${valueText(assignment[name])}`).join(", ")
      }; ${objective} ${valueText(own!)}`,
    })),
  );
  const left = trials.filter(({ state }) => state === "complete").length - shown.length;
  return figure(
    html`<b>Parallel coordinates.</b> A line a complete trial, through its values to its objective; the redder it is, the better the trial stands among the others.${
      left > 0 && ` ${left} complete trials have values outside of the space and are left out.`
    }`,
    chart,
    [],
  );
}
