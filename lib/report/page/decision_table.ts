/** A decision as a sum: what each prototype adds to the logits of two classes, in numbers that add up as they are printed. */

import type { Decision } from "../../evaluate/decisions.ts";
import { type Html, html } from "./html.ts";
import { scrolledTable } from "./scrolled_table.ts";

/** A number of so many decimals, as an integer. */
interface Fixed {
  readonly units: number;
  readonly decimals: number;
}

/** The decimals of similarities and weights, and those of contributions and logits. */
const OF_FACTORS = 3;
const OF_SUMS = 2;

function fixed(value: number, decimals: number): Fixed {
  return { units: Math.round(value * 10 ** decimals), decimals };
}

/** The number, with a real minus sign. */
export function fixedText({ units, decimals }: Fixed): string {
  const text = (Math.abs(units) / 10 ** decimals).toFixed(decimals);
  return units < 0 ? `−${text}` : text;
}

/** One line of a decision: a prototype. */
export interface DecisionLine {
  readonly prototype: number;
  readonly score: Fixed;
  readonly weights: readonly [Fixed, Fixed];
  /** Score times weight, as they are printed, rounded. */
  readonly contributions: readonly [Fixed, Fixed];
}

/** A decision in printed numbers: lines and rest add up to the logits, to the digit. */
export interface PrintedDecision {
  readonly lines: readonly DecisionLine[];
  readonly rest: readonly [Fixed, Fixed];
  readonly logits: readonly [Fixed, Fixed];
}

/** The rest takes up what rounding leaves. */
export function printedDecision({ prototypes, logits }: Decision): PrintedDecision {
  const lines = prototypes.map(({ prototype, score, weights }): DecisionLine => {
    const factor = fixed(score, OF_FACTORS);
    const own = weights.map((weight) => fixed(weight, OF_FACTORS));
    const products = own.map(({ units }) => ({
      units: Math.round(factor.units * units / 10 ** (2 * OF_FACTORS - OF_SUMS)),
      decimals: OF_SUMS,
    }));
    return { prototype, score: factor, weights: [own[0], own[1]], contributions: [products[0], products[1]] };
  });
  const sums = logits.map((logit) => fixed(logit, OF_SUMS));
  const rest = sums.map(({ units }, which) => ({
    units: lines.reduce((left, { contributions }) => left - contributions[which].units, units),
    decimals: OF_SUMS,
  }));
  return { lines, rest: [rest[0], rest[1]], logits: [sums[0], sums[1]] };
}

/** What stands beside the numbers. */
export interface DecisionLabels {
  /** The names of the predicted class and of the one that it is compared with. */
  readonly classes: readonly [string, string];
  /** The number of all prototypes. */
  readonly count: number;
  /** By line, the cells that show the prototype. */
  readonly shown: readonly Html[];
}

/** @param caption the name of the table, for screen readers */
export function decisionTable(decision: Decision, labels: DecisionLabels, caption: string): Html {
  const { lines, rest, logits } = printedDecision(decision);
  const { classes, count, shown } = labels;
  const others = count - lines.length;
  const sums = (name: string, values: PrintedDecision["logits"], style: string) =>
    html`
      <tr class="${style}"><th scope="row" colspan="2">${name}</th><td></td>${values.map((value) =>
        html`
          <td></td>
          <td>${fixedText(value)}</td>
        `
      )}${difference(values)}</tr>
    `;
  return scrolledTable(
    [
      "in the image",
      "prototype",
      "similarity",
      ...classes
        .map((name) =>
          html`
            <th scope="col">× weight for ${name}</th>
            <th scope="col">= adds to ${name}</th>
          `
        ),
      "difference",
    ],
    html`${
      lines.map(({ score, weights, contributions }, i) =>
        html`
          <tr>${shown[i]}<td>${fixedText(score)}</td>${weights.map((weight, which) =>
            html`
              <td>× ${fixedText(weight)}</td>
              <td>${fixedText(contributions[which])}</td>
            `
          )}${difference(contributions)}</tr>
        `
      )
    }${
      (others > 0 || rest.some(({ units }) => units !== 0)) &&
      sums(others > 0 ? `the other ${others} prototypes` : "rounding", rest, "rest")
    }${
      sums(
        "logit",
        logits,
        "sum",
      )
    }`,
    { style: "decision", caption },
  );
}

function difference([own, other]: readonly [Fixed, Fixed]): Html {
  const units = own.units - other.units;
  return html`<td class="difference">${units > 0 && "+"}${fixedText({ units, decimals: OF_SUMS })}</td>`;
}
