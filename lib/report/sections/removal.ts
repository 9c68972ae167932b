/** Whether prototypes point at the parts they depend on: how their similarity drops when parts are removed. */

import { copies } from "../page/copies.ts";
import { type EvaluatedRun, evaluatedRuns } from "../page/evaluated_runs.ts";
import { figure } from "../page/figure.ts";
import { type Html, html } from "../page/html.ts";
import { scrolledTable } from "../page/scrolled_table.ts";
import { evaluations } from "../page/inputs.ts";
import { defineSection } from "../page/section.ts";
import { markdownTable } from "../tables/markdown.ts";

/** How part removal changes similarities; nothing if no run removed parts. */
export default defineSection({
  id: "removal",
  name: "Removed parts",
  inputs: { evaluations },
  render: (files) => removalFigure(evaluatedRuns(files)),
});

const PROTOTYPES = { first: "each image's most similar", all: "all top prototypes" };
const PARTS = { image: "seen in the image", view: "seen in the view" };

/** Undefined if no run removed parts. */
function removalFigure(runs: readonly EvaluatedRun[]): Html | undefined {
  const rows = runs.flatMap(({ label, evaluation }) =>
    (evaluation.partRemoval?.comparisons ?? []).map((comparison) => ({ label, ...comparison }))
  );
  if (rows.length === 0) return undefined;
  const percent = (share: number) => Number.isFinite(share) ? (100 * share).toFixed(1) : "–";
  const header = [
    "run",
    "prototypes",
    "parts compared",
    "cases",
    ...["exceeds the mean drop", "exceeds all drops"].flatMap((drop) => [
      `${drop} (%) ↑`,
      `${drop}, a random part (%)`,
      `${drop}, the biggest part (%)`,
    ]),
  ];
  const cells = rows.map(({ label, prototypes, parts, cases, aboveMean, largest }) => [
    label,
    PROTOTYPES[prototypes],
    PARTS[parts],
    String(cases),
    ...[aboveMean, largest].flatMap(({ share, chance, biggest }) => [share, chance, biggest]).map(percent),
  ]);
  const text = markdownTable(header.map((header, i) => ({ header, text: cells.map((row) => row[i]) })));
  return figure(
    html`<b>Removed parts.</b> The share of cases in which removing the part with the most saliency lowers a prototype's similarity more than removing the other parts does: more than their mean, and more than any of them. For comparison: a random part, and the biggest one.`,
    html`
      ${scrolledTable(
        header,
        cells.map(([first, ...others]) =>
          html`<tr><th>${first}</th>${others.map((cell) => html`<td>${cell}</td>`)}</tr>`
        ),
      )}
      ${copies("removed parts", { Markdown: text })}
    `,
    [{ input: "evaluations" }],
    "table",
  );
}
