/** How much each parameter of a search matters. */

import { importances } from "../../tuning/importance.ts";
import { figure } from "../page/figure.ts";
import { type Html, html } from "../page/html.ts";
import { scrolledTable } from "../page/scrolled_table.ts";
import type { FinishedSearch } from "./finished_search.ts";

/** With fewer complete trials than these a forest says little. */
const FEW = 20;

/** Undefined where complete trials do not differ in their objective. */
export function parameterImportance({ space, trials, objective }: FinishedSearch): Html | undefined {
  const shares = importances(space, trials);
  if (!shares) return undefined;
  const ordered = Object.entries(shares).sort(([, a], [, b]) => b - a);
  const together = Math.max(0, 1 - ordered.reduce((sum, [, share]) => sum + share, 0));
  const complete = trials.filter(({ state }) => state === "complete").length;
  return figure(
    html`<b>Importance of the parameters:</b> the share of the variance of ${objective} over the space that each explains by itself, by a functional analysis of variance of a random forest fitted to the ${complete} complete trials (Hutter, Hoos and Leyton-Brown, 2014).${
      complete < FEW && ` With fewer than ${FEW} complete trials the shares are rough.`
    } A sampler that learns tries good values more often, so what lies between them is known best.`,
    scrolledTable(
      ["parameter", "share", html`<td></td>`],
      [...ordered, ["together", together] as const].map(([name, share]) =>
        html`
          <tr>
            <th scope="row">${name}</th>
            <td>${(100 * share).toFixed(1)} %</td>
            <td class="bar" style="--share:${(100 * share).toFixed(1)}%"></td>
          </tr>
        `
      ),
    ),
    [],
  );
}
