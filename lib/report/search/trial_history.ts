/** The objective of each trial, and the best one so far. */

import { bestOf, type FinishedTrial } from "../../tuning/trial.ts";
import { ACROSS, numberAxis, UPWARD } from "../charts/chart_frame.ts";
import { scatterChart } from "../charts/scatter_chart.ts";
import { figure } from "../page/figure.ts";
import { type Html, html } from "../page/html.ts";
import { arrow, type FinishedSearch, objectiveAxis, trialPoint } from "./finished_search.ts";

/** Undefined where no trial has a value. */
export function trialHistory(search: FinishedSearch): Html | undefined {
  const { trials, objective } = search;
  const y = objectiveAxis(search, UPWARD);
  if (!y) return undefined;
  const places = bestSoFar(search);
  const chart = scatterChart({
    title: `${objective} by trial ${arrow(search)}`,
    xLabel: "trial",
    yLabel: objective,
    x: numberAxis([trials[0].trial, trials.at(-1)!.trial], ACROSS, 8, true),
    y,
    points: trials.map((trial) => trialPoint(trial, trial.trial, `trial ${trial.trial}`)),
    ...(places.length > 0 && { steps: { name: "best so far", colour: 0, places } }),
  });
  return figure(
    html`<b>The objective by trial.</b> Each trial as it ended, and the best complete one so far. Pointer and arrow keys read the values.`,
    html`<div class="single">${chart}</div>`,
    [],
  );
}

/** From the first complete trial to the last trial. */
function bestSoFar({ trials, direction }: FinishedSearch): [number, number][] {
  let best: FinishedTrial | undefined;
  return trials.flatMap((one): [number, number][] => {
    best = bestOf(best ? [best, one] : [one], direction);
    return best ? [[one.trial, best.value!]] : [];
  });
}
