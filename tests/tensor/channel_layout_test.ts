import assert from "node:assert/strict";
import { openSession } from "../../lib/runtime/session.ts";
import { gradients } from "../../lib/tensor/grad.ts";
import { program } from "../../lib/tensor/graph.ts";
import { elementCount, float32 } from "../../lib/tensor/host_tensor.ts";
import { add, mul } from "../../lib/tensor/ops/arithmetic.ts";
import { sum } from "../../lib/tensor/ops/broadcast.ts";
import { channelLayout } from "../../lib/tensor/ops/channel_layout.ts";
import { reshape } from "../../lib/tensor/ops/shape.ts";
import { input } from "../../lib/tensor/ops/source.ts";
import { RandomStream } from "../../lib/tensor/random.ts";

function noise(shape: readonly number[], purpose: string) {
  const values = new Float32Array(elementCount(shape));
  new RandomStream({ seed: 1, purpose }).fillNormal(values, 0, 1);
  return float32(shape, values);
}

for (
  const { shape, axis, rows } of [
    { shape: [16, 16, 16, 3], axis: 3, rows: [16, 768] },
    { shape: [7, 32, 33, 16], axis: 3, rows: [224, 528] },
    { shape: [4096, 5], axis: 1, rows: undefined },
    { shape: [2, 3, 4, 5], axis: 3, rows: undefined },
    { shape: [8, 4, 32, 32], axis: 1, rows: undefined },
    { shape: [64, 8, 8, 65], axis: 3, rows: undefined },
  ]
) {
  Deno.test(`[${shape}] with a value for each place on axis ${axis} gives the bits of plain broadcasting`, async () => {
    const channels = shape[axis];
    const [x, scale, shift] = [
      input("x", "float32", shape),
      ...["scale", "shift"].map((name) => input(name, "float32", [channels])),
    ];
    const { open, close, along } = channelLayout(shape, axis);
    assert.deepEqual(open(x).shape, rows ?? shape);
    const y = close(add(mul(open(x), along(scale)), along(shift)));
    const plain = (perChannel: typeof x) =>
      reshape(perChannel, shape.map((length, i) => i === axis ? length : 1));
    const expected = add(mul(x, plain(scale)), plain(shift));
    const [dx] = gradients(sum(mul(y, y)), [x]);
    const [expectedDx] = gradients(sum(mul(expected, expected)), [x]);
    const session = await openSession(program({ y, expected, dx, expectedDx }), { threads: 1 });
    const results = await session.run({
      x: noise(shape, "x"),
      scale: noise([channels], "scale"),
      shift: noise([channels], "shift"),
    });
    await session.release();
    assert.deepEqual(results.y, results.expected);
    assert.deepEqual(results.dx, results.expectedDx);
  });
}
