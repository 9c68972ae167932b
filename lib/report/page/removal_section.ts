/** Whether prototypes point at the parts they depend on: how their similarity drops when parts are removed. */

import { markdownTable } from "../tables/markdown.ts";
import { copies } from "./copies.ts";
import { figure, section } from "./figure.ts";
import { type Html, html } from "./html.ts";
import type { LabelledEvaluation } from "./tables_section.ts";

const PROTOTYPES = { first: "each image's most similar", all: "all top prototypes" };
const PARTS = { image: "seen in the image", view: "seen in the view" };

/** Undefined where no run has removed parts. */
export function removalSection(runs: readonly LabelledEvaluation[]): Html | undefined {
  const rows = runs.flatMap(({ label, evaluation }) =>
    (evaluation.partRemoval?.comparisons ?? []).map((comparison) => ({ label, ...comparison }))
  );
  if (rows.length === 0) return undefined;
  const percent = (share: number) => Number.isFinite(share) ? (100 * share).toFixed(1) : "–";
  const header = [
    "run",
    "prototypes",
    "parts",
    "cases",
    ...["above the mean", "largest"].flatMap((
      what,
    ) => [`${what} (%)`, `${what}, by chance`, `${what}, biggest part`]),
  ];
  const cells = rows.map(({ label, prototypes, parts, cases, aboveMean, largest }) => [
    label,
    PROTOTYPES[prototypes],
    PARTS[parts],
    String(cases),
    ...[aboveMean, largest].flatMap(({ share, chance, biggest }) => [share, chance, biggest]).map(percent),
  ]);
  const text = markdownTable(header.map((header, i) => ({ header, text: cells.map((row) => row[i]) })));
  return section(
    "removal",
    "Removed parts",
    figure(
      html`<b>Removed parts.</b> In how many cases a prototype's similarity drops more without the part that its saliency points at than without the other parts: more than the mean of them, and more than each; beside it, what a part chosen by chance and the biggest part would give.`,
      html`
        <div class="scroll">
          <table>
            <thead>
              <tr>${header.map((name) => html`<th>${name}</th>`)}</tr>
            </thead>
            <tbody>${cells.map(([first, ...others]) =>
              html`<tr><th>${first}</th>${others.map((cell) => html`<td>${cell}</td>`)}</tr>`
            )}</tbody>
          </table>
        </div>
        ${copies("removed parts", { Markdown: text })}
      `,
      [{ input: "evaluations" }],
    ),
  );
}
