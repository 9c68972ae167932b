/** Confusions and accuracy by class, by hand. */

import assert from "node:assert/strict";
import type { Evaluation } from "../../../lib/evaluate/evaluation_file.ts";
import { classResults, confusionCsv, confusions } from "../../../lib/report/tables/confusion.ts";

const classified = (label: number, predicted: number) =>
  ({ label, classes: [{ label: predicted, logit: 1 }] }) as Evaluation["samples"][number];

const evaluation = {
  classes: ["a", "b", "c"],
  samples: [classified(0, 0), classified(0, 1), classified(0, 1), classified(1, 1)],
};

Deno.test("confusions are counted, the most frequent first", () => {
  assert.deepEqual(confusions(evaluation), [
    { label: 0, predicted: 1, count: 2 },
    { label: 0, predicted: 0, count: 1 },
    { label: 1, predicted: 1, count: 1 },
  ]);
  assert.equal(
    confusionCsv([{ label: "seed=1", evaluation }]),
    "run,class,predicted,images\r\nseed=1,a,b,2\r\nseed=1,a,a,1\r\nseed=1,b,b,1\r\n",
  );
});

Deno.test("classes without images have no accuracy, and without predictions no precision", () => {
  assert.deepEqual(classResults(evaluation), [
    { label: 0, images: 3, correct: 1, accuracy: 1 / 3, precision: 1, takenFor: 1 },
    { label: 1, images: 1, correct: 1, accuracy: 1, precision: 1 / 3 },
  ]);
  const never = classResults({ ...evaluation, samples: [classified(2, 0)] });
  assert.deepEqual(never, [{ label: 2, images: 1, correct: 0, accuracy: 0, takenFor: 0 }]);
});
