/** A random split of each class by itself: images that are added to a class leave the split of the others as it is. */

import { randomSplit } from "../random_split.ts";
import type { NamedPart } from "./named_parts.ts";

/** How images are split at random. */
export interface ClassSplit {
  readonly seed: number;
  /** The share of a class's images that is not for testing, in (0, 1). */
  readonly trainShare: number;
  /** With `fold`: the number of parts into which the training images are cut; one of them is the validation part. */
  readonly folds?: number;
  /** Which of the folds is the validation part, from 0. */
  readonly fold?: number;
}

/**
 * The part of every image, as scikit-learn's `train_test_split` and `KFold` split the images of each class. Both
 * parts get an image of every class that has two; the only image of a class is for training.
 *
 * @param groups the class of every image
 */
export function splitClasses(groups: readonly string[], split: ClassSplit): NamedPart[] {
  const members = new Map<string, number[]>();
  groups.forEach((group, i) => members.set(group, [...members.get(group) ?? [], i]));
  const parts = new Array<NamedPart>(groups.length).fill("train");
  for (const images of members.values()) {
    if (images.length < 2) continue;
    const { test, validation } = splitOne(images.length, split);
    for (const i of test) parts[images[i]] = "test";
    for (const i of validation) parts[images[i]] = "val";
  }
  return parts;
}

function splitOne(count: number, { seed, trainShare, folds = 1, fold = 0 }: ClassSplit) {
  const train = Math.min(count - 1, Math.max(1, Math.floor(trainShare * count)));
  const parts = Math.min(folds, train);
  const { test, folds: found } = randomSplit(new Array<number>(count).fill(0), {
    folds: parts,
    seed,
    shuffle: true,
    stratified: false,
    // In the middle between two counts, so that rounding can't change the count.
    trainShare: (train + 0.5) / count,
  });
  const validation = folds > 1 && fold < parts && parts > 1 ? found[fold].validation : [];
  return { test, validation };
}
