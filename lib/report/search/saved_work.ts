/** What a search did not have to compute. */

import { repeatedTrials, stepSavings } from "../../tuning/savings.ts";
import { type Html, html } from "../page/html.ts";
import type { FinishedSearch } from "./finished_search.ts";

/** The id of the element that takes the times of the run, which are no part of the result. */
export const TIMES_PLACE = "search-times";

/** Steps and repeated trials by the results; times by the facts of the run, in the copy of the page that has them. */
export function savedWork({ trials }: FinishedSearch): Html {
  const steps = stepSavings(trials);
  const pruned = trials.filter(({ state }) => state === "pruned").length;
  const repeated = repeatedTrials(trials);
  return html`
    <figure>
      <ul>
        <li>${steps
          ? `${pruned} pruned ${
            plural(pruned, "trial")
          } left out ${steps.saved} steps in all; complete ones went up to step ${steps.whole}.`
          : pruned > 0
          ? `${pruned} ${
            plural(pruned, "trial")
          } ended early; how many steps that saved, the results do not say.`
          : "No trial was pruned."}</li>
        <li>${repeated.length > 0
          ? `${repeated.length} ${plural(repeated.length, "trial")} (${
            repeated.map(({ trial }) => trial).join(", ")
          }) tried the values of an earlier one, and shared its work.`
          : "Each trial tried other values."}</li>
      </ul>
      <p id="${TIMES_PLACE}"
        class="none">The copy of this page in the folder results of the store tells the times of its run.</p>
    </figure>
  `;
}

function plural(count: number, noun: string): string {
  return count === 1 ? noun : `${noun}s`;
}
