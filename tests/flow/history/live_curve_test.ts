/** The curves of a running task stay short, and each of their points is a mean. */

import assert from "node:assert/strict";
import { LiveCurves } from "../../../lib/flow/history/live_curve.ts";
import { parseUse } from "../../../lib/flow/resources/nvidia_smi.ts";
import { sparkline } from "../../../lib/flow/watch/watch_text.ts";

Deno.test("points are the means of equally many reports, and never more than 240", () => {
  const curves = new LiveCurves();
  assert.equal(curves.curve, undefined);
  for (let done = 1; done <= 10_000; done++) {
    curves.add({ done, values: { loss: done, ...(done > 5000 && { late: 1 }) } });
  }
  const { done, values } = curves.curve!;
  assert.ok(done.length > 100 && done.length <= 240, `${done.length} points`);
  assert.equal(done.at(-1), 10_000);
  const width = done[0];
  assert.ok(done.slice(0, -1).every((end, i) => end === (i + 1) * width), "equal steps");
  assert.ok(values.loss.slice(0, -1).every((mean, i) => mean === (2 * i + 1) * width / 2 + 0.5), "means");
  assert.deepEqual([values.late[0], values.late.at(-1)], [null, 1]);
});

Deno.test("what is not finite is left out, and another attempt begins again", () => {
  const curves = new LiveCurves();
  curves.add({ done: 5, values: { loss: 3, rate: NaN } });
  assert.deepEqual(curves.curve, { done: [5], values: { loss: [3] } });
  curves.add({ done: 1, values: { loss: Infinity } });
  curves.add({ done: 2, values: { loss: 4 } });
  curves.add({ done: 3 });
  assert.deepEqual(curves.curve, { done: [1, 2], values: { loss: [null, 4] } });
});

Deno.test("a curve on a terminal is a bar for each value, or for the mean of several", () => {
  assert.equal(sparkline([0, 7, null, 3.5]), "▁█ ▅");
  assert.equal(sparkline([2, 2]), "▁▁");
  assert.equal(sparkline([]), "");
  const long = sparkline(Array.from({ length: 4000 }, (_, i) => i));
  assert.deepEqual([long.length, long[0], long.at(-1)], [40, "▁", "█"]);
});

Deno.test("the use of GPUs is read from nvidia-smi, with 0 for what it does not say", () => {
  assert.deepEqual(parseUse("0, NVIDIA H200, 87, 12000, 143771\n1, NVIDIA A100, [N/A], [N/A], [N/A]\n"), [
    { id: "0", model: "NVIDIA H200", percent: 87, usedBytes: 12000 * 2 ** 20, totalBytes: 143771 * 2 ** 20 },
    { id: "1", model: "NVIDIA A100", percent: 0, usedBytes: 0, totalBytes: 0 },
  ]);
});
