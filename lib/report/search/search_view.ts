/** What the page of a search shows of its run: beside what every page does, the times of its trials. */

import type { FinishedTrial } from "../../tuning/trial.ts";
import { html } from "../page/html.ts";
import type { PageRun, PageTask } from "../page/page_run.ts";
import { jsonIn, type RunView, runView } from "../page/run_view.ts";
import { TIMES_PLACE } from "./saved_work.ts";

/** The id of the element with the states of the trials, in the order of the input. */
export const STATES_DATA = "states";

/** @param page the text of the page */
export function searchView(run: PageRun, page: string): RunView {
  const states = (jsonIn(page, STATES_DATA) ?? []) as FinishedTrial["state"][];
  return { ...runView(run, page), places: { [TIMES_PLACE]: timesText(run, states) } };
}

function timesText(run: PageRun, states: readonly FinishedTrial["state"][]): string {
  const trials = tasksByTrial(run).map((tasks, i) => ({
    state: states[i],
    ms: sum(tasks),
    reused: sum(tasks.filter(({ outcome }) => outcome !== "ran")),
  }));
  const [all, reused] = [sum(trials), trials.reduce((total, { reused }) => total + reused, 0)];
  const mean = (state: FinishedTrial["state"]) => {
    const own = trials.filter((trial) => trial.state === state);
    return own.length === 0 ? undefined : sum(own) / own.length;
  };
  const [complete, pruned] = [mean("complete"), mean("pruned")];
  const count = states.filter((state) => state === "pruned").length;
  return html`The tasks of the trials take ${time(all)} in all. In this run ${time(reused)} of it ${
    reused > 0 ? "were reused" : "was reused"
  }: results of earlier runs, or of trials with the same values.${
    complete !== undefined && pruned !== undefined &&
    ` A complete trial takes ${time(complete)} on average and a pruned one ${
      time(pruned)
    }, so that pruning saved about ${time(Math.max(0, complete - pruned) * count)}.`
  }`.text;
}

/** For each trial of the input the tasks that it alone needs. */
function tasksByTrial({ tasks, result }: PageRun): PageTask[][] {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const ends = (result.inputs.trials ?? []).map(({ task }) => task);
  const others = new Set(ends);
  const needed = ends.map((end) => {
    const found = new Set(end === undefined ? [] : [end]);
    for (const id of found) {
      for (const need of byId.get(id)?.needs ?? []) if (!others.has(need)) found.add(need);
    }
    return found;
  });
  const counts = new Map<string, number>();
  for (const id of needed.flatMap((found) => [...found])) counts.set(id, (counts.get(id) ?? 0) + 1);
  return needed.map((found) => [...found].flatMap((id) => counts.get(id) === 1 ? byId.get(id) ?? [] : []));
}

function sum(parts: readonly { readonly ms: number }[]): number {
  return parts.reduce((total, { ms }) => total + ms, 0);
}

/** `0.4 s`, `12 s`, `3.5 min`, `2.1 h`. */
function time(ms: number): string {
  const s = ms / 1000;
  if (s < 60) return `${s < 10 ? s.toFixed(1) : Math.round(s)} s`;
  return s < 3600 ? `${(s / 60).toFixed(1)} min` : `${(s / 3600).toFixed(1)} h`;
}
