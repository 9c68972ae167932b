/** Random splits equal to scikit-learn's: train and test, then folds of the training samples. */

import { RandomState } from "./numpy_random.ts";

export interface SplitOptions {
  /** Number of folds; 1 means that all training samples are used and none for validation. */
  readonly folds: number;
  readonly seed: number;
  readonly shuffle: boolean;
  /** Whether every part keeps the class proportions. */
  readonly stratified: boolean;
  /** Fraction of samples for training, in (0, 1). */
  readonly trainShare: number;
}

export interface Fold {
  readonly train: readonly number[];
  readonly validation: readonly number[];
}

/** Indices into the list of labels that was split. */
export interface RandomSplit {
  readonly test: readonly number[];
  readonly folds: readonly Fold[];
}

/**
 * Splits samples as scikit-learn 1.4's `train_test_split` does, and the training samples by its
 * `StratifiedKFold` or `KFold`, in the same order.
 *
 * @param labels the class of every sample
 * @throws {RangeError} in the cases where scikit-learn raises an error: stratified or several folds without
 * shuffling, a class with fewer than 2 samples, parts smaller than the number of classes, more folds than
 * samples.
 */
export function randomSplit(labels: readonly number[], options: SplitOptions): RandomSplit {
  const { folds, seed, shuffle, stratified, trainShare } = options;
  if (!shuffle && (stratified || folds > 1)) {
    throw new RangeError("a split without shuffling can't be stratified or have folds; set shuffle");
  }
  const trainCount = Math.floor(trainShare * labels.length);
  const testCount = labels.length - trainCount;
  if (trainCount < 1 || testCount < 1) {
    throw new RangeError(
      `a train share of ${trainShare} splits ${labels.length} samples into ${trainCount} and ${testCount}; ` +
        "both need at least one",
    );
  }
  const { train, test } = trainTest(labels, trainCount, testCount, options);
  if (folds === 1) return { test, folds: [{ train, validation: [] }] };
  if (folds > train.length) {
    throw new RangeError(`${train.length} training samples are too few for ${folds} folds`);
  }
  const ids = [...train].sort((a, b) => a - b);
  const foldOf = stratified
    ? stratifiedFolds(ids.map((id) => labels[id]), folds, new RandomState(seed))
    : plainFolds(ids.length, folds, new RandomState(seed));
  return {
    test,
    folds: Array.from({ length: folds }, (_, fold) => ({
      train: ids.filter((_, i) => foldOf[i] !== fold),
      validation: ids.filter((_, i) => foldOf[i] === fold),
    })),
  };
}

function trainTest(
  labels: readonly number[],
  trainCount: number,
  testCount: number,
  { seed, shuffle, stratified }: SplitOptions,
): { train: number[]; test: number[] } {
  const count = labels.length;
  if (!shuffle) {
    const all = Array.from({ length: count }, (_, i) => i);
    return { train: all.slice(0, trainCount), test: all.slice(trainCount) };
  }
  const random = new RandomState(seed);
  if (!stratified) {
    const order = random.permutation(count);
    return { train: order.slice(testCount), test: order.slice(0, testCount) };
  }
  const members = membersByClass(labels);
  const counts = members.map((ids) => ids.length);
  if (Math.min(...counts) < 2) {
    throw new RangeError("a stratified split needs at least 2 samples of every class");
  }
  if (Math.min(trainCount, testCount) < members.length) {
    throw new RangeError(
      `a stratified split needs at least ${members.length} samples, one per class, in each part, but has ${trainCount} and ${testCount}`,
    );
  }
  const trainCounts = shareOut(counts, trainCount, random);
  const testCounts = shareOut(counts.map((n, c) => n - trainCounts[c]), testCount, random);
  const train: number[] = [];
  const test: number[] = [];
  members.forEach((ids, c) => {
    const order = random.permutation(ids.length).map((position) => ids[position]);
    train.push(...order.slice(0, trainCounts[c]));
    test.push(...order.slice(trainCounts[c], trainCounts[c] + testCounts[c]));
  });
  return { train: random.shuffle(train), test: random.shuffle(test) };
}

/** The samples of each class that has samples, in ascending order of classes. */
function membersByClass(labels: readonly number[]): number[][] {
  const classes = [...new Set(labels)].sort((a, b) => a - b);
  const members = new Map<number, number[]>(classes.map((label) => [label, []]));
  labels.forEach((label, i) => members.get(label)!.push(i));
  return [...members.values()];
}

/** `draws` shared out in proportion to `counts` (the mode of the hypergeometric distribution), with random ties. */
function shareOut(counts: readonly number[], draws: number, random: RandomState): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const exact = counts.map((count) => count / total * draws);
  const shares = exact.map(Math.floor);
  let missing = Math.trunc(draws - shares.reduce((sum, share) => sum + share, 0));
  const remainders = exact.map((value, i) => value - shares[i]);
  for (const value of [...new Set(remainders)].sort((a, b) => b - a)) {
    if (missing <= 0) break;
    const tied = remainders.flatMap((remainder, i) => remainder === value ? [i] : []);
    const chosen = random.permutation(tied.length).slice(0, Math.min(tied.length, missing));
    for (const position of chosen) shares[tied[position]]++;
    missing -= chosen.length;
  }
  return shares;
}

/** The fold of every sample; classes are taken in the order in which they first occur. */
function stratifiedFolds(labels: readonly number[], folds: number, random: RandomState): number[] {
  const classes = [...new Set(labels)];
  const encoded = labels.map((label) => classes.indexOf(label));
  if (classes.every((_, c) => encoded.filter((code) => code === c).length < folds)) {
    throw new RangeError(
      `${folds} stratified folds need a class with at least ${folds} samples, but no class has that many`,
    );
  }
  const sorted = [...encoded].sort((a, b) => a - b);
  const foldOf = new Array<number>(labels.length);
  classes.forEach((_, c) => {
    const ofClass: number[] = [];
    for (let fold = 0; fold < folds; fold++) {
      const allotted = sorted.filter((code, i) => i % folds === fold && code === c).length;
      for (let i = 0; i < allotted; i++) ofClass.push(fold);
    }
    random.shuffle(ofClass);
    let next = 0;
    encoded.forEach((code, i) => {
      if (code === c) foldOf[i] = ofClass[next++];
    });
  });
  return foldOf;
}

/** The fold of every sample: consecutive ranges of a random order; the first ranges may be longer by one. */
function plainFolds(count: number, folds: number, random: RandomState): number[] {
  const order = random.permutation(count);
  const foldOf = new Array<number>(count);
  let start = 0;
  for (let fold = 0; fold < folds; fold++) {
    const size = Math.floor(count / folds) + (fold < count % folds ? 1 : 0);
    for (const position of order.slice(start, start + size)) foldOf[position] = fold;
    start += size;
  }
  return foldOf;
}
