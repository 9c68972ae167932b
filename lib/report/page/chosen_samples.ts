/** Which images a page explains, and where in them prototypes are seen. */

import type { EvaluatedSample, Evaluation } from "../../evaluate/evaluation_file.ts";

/** An image with what decided its class. */
export type DecidedSample = EvaluatedSample & { readonly decision: NonNullable<EvaluatedSample["decision"]> };

/** The images whose decisions are known. */
export function decidedSamples({ samples }: Pick<Evaluation, "samples">): DecidedSample[] {
  return samples.filter((sample): sample is DecidedSample => sample.decision !== undefined);
}

/** By how much the logit of the predicted class exceeds that of the class that it is compared with. */
export function marginOf({ decision: { logits: [own, other] } }: DecidedSample): number {
  return own - other;
}

/** The misclassified images, those with the largest margin first. */
export function mistakesOf(evaluation: Pick<Evaluation, "samples">): DecidedSample[] {
  return decidedSamples(evaluation).filter(({ isCorrect }) => !isCorrect).sort((a, b) =>
    marginOf(b) - marginOf(a)
  );
}

/** The largest mistakes, up to a third of the limit; then an image of each class, then others, in the order of the set. */
export function chosenSamples(evaluation: Pick<Evaluation, "samples">, limit: number): DecidedSample[] {
  const mistakes = mistakesOf(evaluation).slice(0, Math.ceil(limit / 3));
  const right = decidedSamples(evaluation).filter(({ isCorrect }) => isCorrect);
  const seen = new Set<number>();
  const firsts = right.filter(({ label }) => !seen.has(label) && seen.add(label));
  const rest = right.filter((sample) => !firsts.includes(sample));
  return [...mistakes, ...[...firsts, ...rest].slice(0, limit - mistakes.length)];
}

/** The prototypes that the decisions about some images list. */
export function decidingPrototypes(samples: readonly DecidedSample[]): Set<number> {
  return new Set(
    samples.flatMap(({ decision }) => decision.prototypes.map(({ prototype }) => prototype)),
  );
}

/** The rows and columns of the feature map, for models that compare positions. */
export function gridOf(evaluation: Pick<Evaluation, "samples">): [rows: number, columns: number] | undefined {
  const [first] = decidedSamples(evaluation);
  const cell = first?.decision.prototypes[0]?.cell;
  return cell && [cell[2], cell[3]];
}
