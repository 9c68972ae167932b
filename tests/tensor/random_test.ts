import { deepStrictEqual, notStrictEqual, ok, strictEqual, throws } from "node:assert";
import { RandomStream, threefry2x32 } from "../../lib/tensor/random.ts";

Deno.test("threefry2x32 gives Random123's known answers", () => {
  deepStrictEqual(threefry2x32([0, 0], [0, 0]), [0x6b200159, 0x99ba4efe]);
  deepStrictEqual(threefry2x32([0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff]), [0x1cb996fc, 0xbb002be7]);
  deepStrictEqual(threefry2x32([0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3]), [0xc4923a9c, 0x483df7a0]);
});

Deno.test("a stream depends on its seed, purpose, epoch and index alone", () => {
  const id = { seed: 4871, purpose: "shuffle", epoch: 3, index: 7 };
  const first = new RandomStream(id).uint32();
  strictEqual(new RandomStream(id).uint32(), first);
  for (
    const other of [{ seed: 4872 }, { purpose: "augment" }, { epoch: 4 }, { index: 8 }, {
      index: 7 + 2 ** 32,
    }]
  ) {
    notStrictEqual(new RandomStream({ ...id, ...other }).uint32(), first);
  }
});

Deno.test("uniform and normal numbers have their distribution's moments", () => {
  const stream = new RandomStream({ seed: 1, purpose: "moments" });
  const count = 200_000;
  let sum = 0, normalSum = 0, normalSquares = 0;
  for (let i = 0; i < count; i++) {
    const u = stream.uniform(2, 4);
    ok(u >= 2 && u < 4);
    sum += u;
    const n = stream.normal();
    normalSum += n;
    normalSquares += n * n;
  }
  ok(Math.abs(sum / count - 3) < 6 * (2 / Math.sqrt(12)) / Math.sqrt(count));
  ok(Math.abs(normalSum / count) < 6 / Math.sqrt(count));
  ok(Math.abs(normalSquares / count - 1) < 6 * Math.sqrt(2 / count));
});

Deno.test("a permutation holds every number once, and integers stay below their bound", () => {
  const stream = new RandomStream({ seed: 2, purpose: "order" });
  deepStrictEqual(
    [...stream.permutation(100)].sort((a, b) => a - b),
    Array.from({ length: 100 }, (_, i) => i),
  );
  for (let i = 0; i < 1000; i++) ok(stream.integer(7) < 7);
  throws(() => stream.integer(0), /1 ≤ below/);
  throws(() => new RandomStream({ seed: -1, purpose: "x" }), /seed must be a non-negative integer/);
});

Deno.test("filling an array gives what single draws give, whatever was drawn before", () => {
  for (const before of [0, 1, 2, 3]) {
    for (const length of [0, 1, 2, 7, 16_384, 16_385, 40_001]) {
      for (const kind of ["uniform", "normal"] as const) {
        const [single, filled] = [0, 1].map(() => new RandomStream({ seed: 5, purpose: kind }));
        for (let i = 0; i < before; i++) {
          [single, filled].forEach((stream) => stream[i === 1 ? "normal" : "uniform"]());
        }
        const out = new Float32Array(length);
        if (kind === "uniform") filled.fillUniform(out, -1, 3);
        else filled.fillNormal(out, -1, 3);
        const expected = Float32Array.from({ length }, () => single[kind](-1, 3));
        deepStrictEqual(out, expected);
        strictEqual(filled.uint32(), single.uint32(), "the streams go on alike");
      }
    }
  }
});
