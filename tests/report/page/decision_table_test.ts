/** A decision in print: every line is right to the digit, and the lines add up. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { decisionTable, fixedText, printedDecision } from "../../../lib/report/page/decision_table.ts";
import { html } from "../../../lib/report/page/html.ts";

const number = fc.double({ min: -40, max: 40, noNaN: true });
const both = fc.tuple(number, number);
const decisions = fc.record({
  against: fc.constant(1),
  logits: both,
  prototypes: fc.array(
    fc.record({ prototype: fc.nat(99), score: number, view: fc.constant(0), weights: both }),
    { maxLength: 6 },
  ),
  rest: both,
});

/** A printed number in units of its last digit. */
function units(text: string): number {
  return Math.round(Number(text.replace("−", "-").replace(".", "")));
}

Deno.test("printed similarities times printed weights are the printed contributions, which add up to the logit", () => {
  fc.assert(fc.property(decisions, (decision) => {
    const { lines, rest, logits } = printedDecision(decision);
    for (const which of [0, 1] as const) {
      let sum = units(fixedText(rest[which]));
      for (const { score, weights, contributions } of lines) {
        const product = units(fixedText(score)) * units(fixedText(weights[which]));
        const printed = units(fixedText(contributions[which]));
        assert.ok(Math.abs(product / 10_000 - printed) <= 0.5, `${product} and ${printed}`);
        sum += printed;
      }
      assert.equal(sum, units(fixedText(logits[which])));
      assert.ok(Math.abs(units(fixedText(logits[which])) - 100 * decision.logits[which]) <= 0.5 + 1e-9);
    }
  }));
});

Deno.test("the table has a line for each prototype, the rest and the logits; numbers have real signs", () => {
  const decision = {
    against: 1,
    logits: [1, -2.5] as [number, number],
    prototypes: [{ prototype: 7, score: 2, view: 0, weights: [0.75, -1] as [number, number] }],
    rest: [-0.5, -0.5] as [number, number],
  };
  const shown = [html`
    <td>here</td>
    <th scope="row">there</th>
  `];
  const labels = { classes: ["A", "B<"], count: 3, shown } as const;
  const { text } = decisionTable(decision, labels, "why");
  const rows = [...text.matchAll(/<t[hd][^>]*>([^<]*)/g)].map(([, cell]) => cell);
  assert.deepEqual(rows.slice(-22), [
    ...["here", "there", "2.000", "× 0.750", "1.50", "× −1.000", "−2.00", "+3.50"],
    ...["the other 2 prototypes", "", "", "−0.50", "", "−0.50", "0.00"],
    ...["logit", "", "", "1.00", "", "−2.50", "+3.50"],
  ]);
  assert.ok(text.includes("× weight for B&#60;"));
  const alone = { ...decision, logits: [1.5, -2] as [number, number], rest: [0, 0] as [number, number] };
  assert.doesNotMatch(decisionTable(alone, { ...labels, count: 1 }, "why").text, /class="rest"/);
});
