/** The report of a search: a page, and its trials as a file. */

import { bestOf, type FinishedTrial } from "../../tuning/trial.ts";
import { valueText } from "../../tuning/value_text.ts";
import { type Html, html } from "../page/html.ts";
import type { RenderedSection, SectionWithFiles } from "../page/section.ts";
import { reportPage } from "../report_page.ts";
import { allTrials } from "./all_trials.ts";
import { bestValues } from "./best_values.ts";
import { earlyEnds } from "./early_ends.ts";
import type { FinishedSearch } from "./finished_search.ts";
import { parallelCoordinates } from "./parallel_coordinates.ts";
import { parameterImportance } from "./parameter_importance.ts";
import { savedWork } from "./saved_work.ts";
import { STATES_DATA } from "./search_view.ts";
import { slices } from "./slices.ts";
import { trialHistory } from "./trial_history.ts";

interface SearchSection {
  readonly id: string;
  readonly name: string;
  /** Undefined if there is nothing to show. */
  render(search: FinishedSearch): Html | SectionWithFiles | undefined;
}

/** In their order on the page. */
const SECTIONS: readonly SearchSection[] = [
  { id: "best", name: "Best", render: bestValues },
  { id: "history", name: "History", render: trialHistory },
  { id: "importance", name: "Importance", render: parameterImportance },
  { id: "parallel", name: "Parallel", render: parallelCoordinates },
  { id: "slices", name: "Slices", render: slices },
  { id: "early-ends", name: "Early ends", render: earlyEnds },
  { id: "saved", name: "Saved", render: savedWork },
  { id: "trials", name: "Trials", render: allTrials },
];

/**
 * The files of the report by path.
 *
 * @param trials in the order of the input of the report
 */
export function searchReport(
  title: string,
  { trials, ...search }: FinishedSearch,
): Record<string, string> {
  const ordered = { ...search, trials: trials.toSorted((a, b) => a.trial - b.trial) };
  const sections = SECTIONS.flatMap(({ id, name, render }): RenderedSection[] => {
    const shown = render(ordered);
    if (!shown) return [];
    return [{ id, name, ...("content" in shown ? shown : { content: shown, files: {} }) }];
  });
  const page = reportPage({
    title,
    header: header(ordered),
    sections,
    positions: { trials: trials.map((_, i) => i) },
    data: { [STATES_DATA]: JSON.stringify(trials.map(({ state }) => state)) },
  });
  return Object.assign({ "index.html": page }, ...sections.map(({ files }) => files));
}

function header({ trials, direction, objective, space }: FinishedSearch): Html {
  const best = bestOf(trials, direction);
  const count = (state: FinishedTrial["state"]) => trials.filter((trial) => trial.state === state).length;
  const fact = (name: string, value: string | number, more: string) =>
    html`
      <div>
        <dt>${name}</dt>
        <dd>${value}<small>${more}</small></dd>
      </div>
    `;
  return html`
    <p>A search for the ${direction === "maximize" ? "greatest" : "least"} ${objective}.</p>
    <dl class="facts">${best &&
      fact(`Best ${objective}`, valueText(best.value!), `trial ${best.trial}`)}${fact(
        "Trials",
        trials.length,
        `${count("complete")} complete`,
      )}${fact("Pruned", count("pruned"), "ended early")}${fact(
        "Failed",
        count("failed"),
        "without a value",
      )}${fact("Parameters", Object.keys(space).length, "of the space")}</dl>
  `;
}
