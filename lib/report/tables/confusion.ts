/** Which classes are taken for which, and the accuracy of each. */

import type { Evaluation } from "../../evaluate/evaluation_file.ts";
import { csvTable } from "./csv.ts";

type Classified = Pick<Evaluation, "samples" | "classes">;

/** How many images of a class are classified as another, or as itself. */
export interface Confusion {
  readonly label: number;
  readonly predicted: number;
  /** At least 1. */
  readonly count: number;
}

/** The largest counts first; equal ones in the order of the classes. */
export function confusions({ samples, classes }: Classified): Confusion[] {
  const counts = new Map<number, number>();
  for (const { label, classes: [{ label: predicted }] } of samples) {
    const place = label * classes.length + predicted;
    counts.set(place, (counts.get(place) ?? 0) + 1);
  }
  return [...counts].sort(([a, n], [b, m]) => m - n || a - b).map(([place, count]) => ({
    label: Math.floor(place / classes.length),
    predicted: place % classes.length,
    count,
  }));
}

/** The results of one class. */
export interface ClassResult {
  readonly label: number;
  readonly images: number;
  readonly correct: number;
  /** The share of its images that are classified as it. */
  readonly accuracy: number;
  /** The share of the images classified as it that are of it; undefined if there are none. */
  readonly precision?: number;
  /** The other class as which most of its images are classified. */
  readonly takenFor?: number;
}

/** By class, without those that have no image. */
export function classResults(evaluation: Classified): ClassResult[] {
  const found = confusions(evaluation);
  const total = (all: readonly Confusion[]) => all.reduce((sum, { count }) => sum + count, 0);
  return evaluation.classes.flatMap((_, label): ClassResult[] => {
    const own = found.filter((one) => one.label === label);
    const images = total(own);
    if (images === 0) return [];
    const correct = total(own.filter(({ predicted }) => predicted === label));
    const called = total(found.filter(({ predicted }) => predicted === label));
    const takenFor = own.find(({ predicted }) => predicted !== label)?.predicted;
    return [{
      label,
      images,
      correct,
      accuracy: correct / images,
      ...(called > 0 && { precision: correct / called }),
      ...(takenFor !== undefined && { takenFor }),
    }];
  });
}

/** A line for each pair of classes that occurs in a run. */
export function confusionCsv(
  runs: readonly { readonly label: string; readonly evaluation: Classified }[],
): string {
  return csvTable([
    ["run", "class", "predicted", "images"],
    ...runs.flatMap(({ label: run, evaluation }) =>
      confusions(evaluation).map(({ label, predicted, count }) => [
        run,
        evaluation.classes[label],
        evaluation.classes[predicted],
        count,
      ])
    ),
  ]);
}
