/** The decisions about all images as comma-separated values. */

import type { Evaluation } from "../../evaluate/evaluation_file.ts";
import { csvTable } from "./csv.ts";

/** A line for each prototype that a decision lists, one for the rest, and one for the logits. */
export function decisionsCsv(
  runs: readonly { readonly label: string; readonly evaluation: Pick<Evaluation, "samples" | "classes"> }[],
): string {
  const header = ["run", "image", "predicted", "compared with", "prototype", "similarity"];
  const both = ["weight", "contribution", "weight for the other", "contribution to the other"];
  return csvTable([
    [...header, ...both],
    ...runs.flatMap(({ label, evaluation: { samples, classes } }) =>
      samples.flatMap(({ name, classes: [first], decision }) => {
        if (!decision) return [];
        const start = [label, name, classes[first.label], classes[decision.against]];
        const sums = (
          what: string,
          [own, other]: readonly number[],
        ) => [...start, what, "", "", own, "", other];
        return [
          ...decision.prototypes.map(({ prototype, score, weights }) => [
            ...start,
            prototype,
            score,
            ...weights.flatMap((weight) => [weight, score * weight]),
          ]),
          sums("rest", decision.rest),
          sums("logit", decision.logits),
        ];
      })
    ),
  ]);
}
