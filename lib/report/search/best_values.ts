/** The values of the best trial of a search. */

import type { ParameterDistribution } from "../../tuning/space.ts";
import { bestOf } from "../../tuning/trial.ts";
import { valueText } from "../../tuning/value_text.ts";
import { figure } from "../page/figure.ts";
import { type Html, html } from "../page/html.ts";
import { scrolledTable } from "../page/scrolled_table.ts";
import { arrow, type FinishedSearch } from "./finished_search.ts";

/** Beside each value the range that was searched. */
export function bestValues(search: FinishedSearch): Html {
  const { trials, direction, objective, space } = search;
  const best = bestOf(trials, direction);
  if (!best) return html`<p class="none">No trial is complete.</p>`;
  return figure(
    html`<b>The best values</b>, of trial ${best.trial}: ${objective} ${arrow(search)} ${
      valueText(best.value!)
    }. <code>deno task best</code> prints them, or writes them into a file for another workflow.`,
    scrolledTable(
      ["parameter", "value", "searched"],
      Object.entries(best.assignment).map(([name, value]) =>
        html`
          <tr>
            <th scope="row">${name}</th>
            <td>${valueText(value)}</td>
            <td>${Object.hasOwn(space, name) ? rangeText(space[name]) : "not in the space any more"}</td>
          </tr>
        `
      ),
    ),
    [],
    "table",
  );
}

function rangeText(given: ParameterDistribution): string {
  if (given.type === "categorical") return given.choices.map(valueText).join(", ");
  const { low, high, log, step } = given;
  const steps = step === undefined || log || given.type === "int" && step === 1 ? "" : ` by ${step}`;
  return `${valueText(low)} to ${valueText(high)}${steps}${log ? ", by logarithms" : ""}`;
}
