import assert from "node:assert";
import fc from "fast-check";
import { RandomState } from "../../lib/data/numpy_random.ts";
import { randomSplit, type SplitOptions } from "../../lib/data/random_split.ts";

const OPTIONS: SplitOptions = { folds: 3, seed: 42, shuffle: true, stratified: true, trainShare: 0.7 };

Deno.test("numpy's generator: the published outputs of MT19937", () => {
  // The 10,000th output of the default-seeded generator, from the C++ standard's requirement on mt19937.
  const random = new RandomState(5489);
  for (let i = 1; i < 10_000; i++) random.uint32();
  assert.strictEqual(random.uint32(), 4123659995);
  assert.strictEqual(new RandomState(42).double(), 0.3745401188473625);
  assert.deepStrictEqual(new RandomState(42).permutation(10), [8, 1, 5, 0, 7, 2, 9, 4, 3, 6]);
});

Deno.test("seeds that are no 32-bit integers are refused", () => {
  for (const seed of [-1, 1.5, 2 ** 32, NaN]) assert.throws(() => new RandomState(seed), RangeError);
});

Deno.test("test and training samples, and every fold's two parts, make up the whole", () => {
  const labels = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 30, maxLength: 60 })
    .filter((list) => [0, 1, 2, 3].every((label) => list.filter((one) => one === label).length >= 5));
  fc.assert(fc.property(labels, fc.boolean(), fc.integer({ min: 0, max: 999 }), (list, stratified, seed) => {
    const { test, folds } = randomSplit(list, { ...OPTIONS, stratified, seed });
    const all = [...list.keys()];
    const sorted = (ids: readonly number[]) => [...ids].sort((a, b) => a - b);
    for (const { train, validation } of folds) {
      assert.deepStrictEqual(sorted([...test, ...train, ...validation]), all);
    }
    const train = all.filter((id) => !test.includes(id));
    assert.deepStrictEqual(sorted(folds.flatMap(({ validation }) => validation)), train);
    if (!stratified) return;
    for (const label of [0, 1, 2, 3]) {
      const share = list.filter((one) => one === label).length * 0.3;
      const inTest = test.filter((id) => list[id] === label).length;
      assert.ok(Math.abs(inTest - share) <= 1.5, `${inTest} of class ${label}, expected about ${share}`);
    }
  }));
});

Deno.test("what scikit-learn refuses is refused", () => {
  const labels = [0, 0, 0, 1, 1, 1, 1, 1, 1, 1];
  for (
    const [list, options, reason] of [
      [labels, { shuffle: false }, /without shuffling/],
      [labels, { shuffle: false, stratified: false }, /without shuffling/],
      [[...labels, 2], {}, /at least 2 samples of every class/],
      [labels, { trainShare: 0.9 }, /needs at least 2 samples, one per class, in each part/],
      [labels, { trainShare: 1 }, /both need at least one/],
      [labels, { folds: 8, stratified: false }, /too few for 8 folds/],
      [labels, { folds: 7 }, /a class with at least 7 samples, but no class has that many/],
    ] as const
  ) {
    assert.throws(() => randomSplit(list, { ...OPTIONS, ...options }), reason);
  }
});
