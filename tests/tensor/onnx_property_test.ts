/** Random shapes and attributes: ONNX Runtime must give the interpreter's values in the inferred shapes. */

import assert from "node:assert";
import fc from "fast-check";
import { gradients } from "../../lib/tensor/grad.ts";
import { program } from "../../lib/tensor/graph.ts";
import { elementCount, float32, type HostTensor, int64 } from "../../lib/tensor/host_tensor.ts";
import { interpret } from "../../lib/tensor/interpret.ts";
import type { Tensor } from "../../lib/tensor/op.ts";
import { add, div, maximum, mul, sub } from "../../lib/tensor/ops/arithmetic.ts";
import { sum } from "../../lib/tensor/ops/broadcast.ts";
import { conv2d, convInputGradient } from "../../lib/tensor/ops/conv.ts";
import { gather, padFrom, scatterAdd, take } from "../../lib/tensor/ops/gather.ts";
import { gemm } from "../../lib/tensor/ops/gemm.ts";
import { matmul } from "../../lib/tensor/ops/matmul.ts";
import { multiHeadAttention } from "../../lib/tensor/ops/multi_head_attention.ts";
import { batchNorm } from "../../lib/tensor/ops/batch_norm.ts";
import { layerNorm } from "../../lib/tensor/ops/normalization.ts";
import { argmax, argmin, cumsum, max, topk } from "../../lib/tensor/ops/order.ts";
import { avgPool2d, maxPool2d } from "../../lib/tensor/ops/pool.ts";
import { amax, mean, prod } from "../../lib/tensor/ops/reduce.ts";
import { interpolate } from "../../lib/tensor/ops/resample.ts";
import { transpose } from "../../lib/tensor/ops/shape.ts";
import { concat, flip, pad, slice } from "../../lib/tensor/ops/slice.ts";
import { logSoftmax, logSumExp, softmax } from "../../lib/tensor/ops/softmax.ts";
import { constant, input } from "../../lib/tensor/ops/source.ts";
import { RandomStream } from "../../lib/tensor/random.ts";
import { runProgram } from "../conformance/run_program.ts";

/** Outputs, of which `y` is differentiated with respect to all float inputs. */
type Outputs = { y: Tensor } & Record<string, Tensor>;

async function agree(outputs: Outputs, seed: number): Promise<void> {
  const stream = new RandomStream({ seed, purpose: "property" });
  const named: Record<string, Tensor> = { ...outputs };
  const wrt = [...inputsOf(outputs)];
  const cotangent = input("dy", "float32", outputs.y.shape);
  const results = gradients([{ output: outputs.y, cotangent }], wrt.map(([, tensor]) => tensor));
  wrt.forEach(([name], i) => named[`gradient of ${name}`] = results[i]);
  const feeds: Record<string, HostTensor> = {};
  for (const [name, number] of program(named).inputs) {
    const { shape } = program(named).values[number];
    feeds[name] = float32(
      shape,
      Float32Array.from({ length: elementCount(shape) }, () => stream.uniform(-1, 1)),
    );
  }
  const expected = interpret(program(named), feeds);
  const got = await runProgram(new Map(Object.entries(named)), new Map(Object.entries(feeds)));
  for (const [name, tensor] of Object.entries(named)) {
    const [wanted, given] = [expected[name], got.get(name)!];
    assert.deepStrictEqual([...given.shape], [...tensor.shape], `${name}: shape`);
    assert.deepStrictEqual([...wanted.shape], [...tensor.shape], `${name}: interpreted shape`);
    assert.strictEqual(given.dtype, tensor.dtype);
    for (let i = 0; i < wanted.data.length; i++) {
      const [a, b] = [Number(given.data[i]), Number(wanted.data[i])];
      assert.ok(Math.abs(a - b) <= 1e-4 * (1 + Math.abs(b)), `${name}[${i}]: ${a}, interpreted ${b}`);
    }
  }
}

function inputsOf(outputs: Outputs): Map<string, Tensor> {
  const found = new Map<string, Tensor>();
  const seen = new Set<Tensor>();
  const visit = (tensor: Tensor) => {
    if (seen.has(tensor)) return;
    seen.add(tensor);
    if (tensor.node.op.name === "input") found.set((tensor.node.attributes as { name: string }).name, tensor);
    tensor.node.inputs.forEach(visit);
  };
  visit(outputs.y);
  return found;
}

const length = fc.integer({ min: 1, max: 5 });
const shape = (min: number, max: number) => fc.array(length, { minLength: min, maxLength: max });
const pairOf = (low: number, high: number) =>
  fc.tuple(fc.integer({ min: low, max: high }), fc.integer({ min: low, max: high }));

/** A shape and one of its axes, counted from either end. */
const shapeAndAxis = shape(1, 4).chain((dims) =>
  fc.record({ dims: fc.constant(dims), axis: fc.integer({ min: -dims.length, max: dims.length - 1 }) })
);

/** Two shapes that broadcast. */
const broadcastPair = shape(0, 4).chain((dims) =>
  fc.tuple(
    fc.integer({ min: 0, max: dims.length }),
    fc.array(fc.boolean(), { minLength: dims.length, maxLength: dims.length }),
  )
    .map(([drop, ones]) => [dims, dims.map((n, i) => ones[i] ? 1 : n).slice(drop)] as const)
);

function property<T>(
  name: string,
  arbitrary: fc.Arbitrary<T>,
  build: (value: T) => Outputs,
  numRuns = 25,
): void {
  Deno.test({
    name: `ONNX Runtime agrees with the interpreter: ${name}`,
    fn: () =>
      fc.assert(
        fc.asyncProperty(arbitrary, fc.nat(1000), (value, seed) => agree(build(value), seed)),
        { numRuns, seed: 20240101 },
      ),
  });
}

property("elementwise with broadcasting", broadcastPair, ([a, b]) => {
  const [x, z] = [input("x", "float32", a), input("z", "float32", b)];
  return { y: maximum(add(mul(x, z), sub(z, x)), div(z, add(mul(x, x), 1))) };
});

property("reductions", shapeAndAxis, ({ dims, axis }) => {
  const x = input("x", "float32", dims);
  const kept = { axes: [axis], keepdim: true };
  return { y: add(mul(sum(x, kept), mean(x, kept)), add(prod(x, kept), amax(x, kept))) };
});

property("order along an axis", shapeAndAxis, ({ dims, axis }) => {
  const x = input("x", "float32", dims);
  const chosen = topk(x, Math.ceil(dims.at(axis)! / 2), axis);
  const largest = max(x, axis, { keepdim: true });
  return {
    y: mul(cumsum(x, axis), add(largest.values, sum(chosen.values, { axes: [axis], keepdim: true }))),
    argmin: argmin(x, axis),
    argmax: argmax(x, axis, { keepdim: true }),
    top: chosen.indices,
  };
});

property("softmax", shapeAndAxis, ({ dims, axis }) => {
  const x = input("x", "float32", dims);
  return { y: add(mul(softmax(x, axis), logSoftmax(x, axis)), logSumExp(x, axis, { keepdim: true })) };
});

const sliceOfShape = shape(1, 4).chain((dims) =>
  fc.record({
    dims: fc.constant(dims),
    starts: fc.tuple(...dims.map((n) => fc.integer({ min: -n - 1, max: n + 1 }))),
    ends: fc.tuple(...dims.map((n) => fc.integer({ min: -n - 1, max: n + 1 }))),
    steps: fc.tuple(...dims.map(() => fc.integer({ min: -3, max: 3 }).map((step) => step || 1))),
  })
);
property("slices", sliceOfShape, ({ dims, starts, ends, steps }) => {
  const x = input("x", "float32", dims);
  return { y: sum(slice(mul(x, x), { axes: [...dims.keys()], starts, ends, steps })) };
}, 60);

property("pads, flips and joins", shapeAndAxis, ({ dims, axis }) => {
  const x = input("x", "float32", dims);
  const padded = pad(x, dims.map((n, i) => [i, n % 2] as const), 0.5);
  const mirrored = padFrom(padded, padded.shape.map((n) => [Math.min(1, n - 1), 0] as const), "reflect");
  const edged = padFrom(mirrored, mirrored.shape.map(() => [0, 2] as const), "replicate");
  return { y: concat([flip(edged, [axis]), mul(edged, edged)], axis) };
});

property("transposes", shape(0, 5), (dims) => {
  const order = dims.map((_, i) => (i * 2 + 1) % dims.length);
  const perm = new Set(order).size === dims.length ? order : dims.map((_, i) => dims.length - 1 - i);
  return { y: transpose(input("x", "float32", dims), perm) };
});

property("gather, take and scatter", shapeAndAxis, ({ dims, axis }) => {
  const x = input("x", "float32", dims);
  const count = dims.at(axis)!;
  const shape = dims.with(axis, 3);
  const stream = new RandomStream({ seed: count, purpose: "index" });
  const some = (n: number) => Array.from({ length: n }, () => stream.integer(count) - (n % 2) * count);
  const index = constant(int64(shape, some(elementCount(shape))));
  const taken = take(x, axis, constant(int64([3], some(3))));
  return { y: scatterAdd(mul(x, x), axis, index, mul(gather(x, axis, index), taken)) };
});

property(
  "matrix products",
  fc.tuple(length, length, length, broadcastPair),
  ([rows, inner, columns, [left, right]]) => {
    const a = input("a", "float32", [...left, rows, inner]);
    const b = input("b", "float32", [...right, inner, columns]);
    return { y: matmul(a, b) };
  },
);

const convolution = fc.record({
  batch: fc.integer({ min: 1, max: 2 }),
  groups: fc.integer({ min: 1, max: 3 }),
  perGroup: fc.integer({ min: 1, max: 2 }),
  outPerGroup: fc.integer({ min: 1, max: 2 }),
  kernel: pairOf(1, 4),
  stride: pairOf(1, 3),
  padding: pairOf(0, 3),
  dilation: pairOf(1, 2),
  extra: pairOf(0, 5),
});
property(
  "convolutions",
  convolution,
  ({ batch, groups, perGroup, outPerGroup, kernel, extra, ...options }) => {
    const { padding, dilation } = options;
    const size = [0, 1].map((i) =>
      Math.max(1, dilation[i] * (kernel[i] - 1) + 1 - 2 * padding[i]) + extra[i]
    );
    const x = input("x", "float32", [batch, groups * perGroup, ...size]);
    const weight = input("weight", "float32", [groups * outPerGroup, perGroup, ...kernel]);
    const bias = input("bias", "float32", [groups * outPerGroup]);
    return { y: conv2d(x, weight, { ...options, groups, bias }) };
  },
  80,
);

property("transposed convolutions", convolution, (drawn) => {
  const { batch, groups, perGroup, outPerGroup, kernel, stride, dilation, extra } = drawn;
  const padding = drawn.padding.map((p, i) => Math.min(p, Math.floor(dilation[i] * (kernel[i] - 1) / 2))) as [
    number,
    number,
  ];
  const outputPadding = stride.map((s, i) => Math.min(s - 1, extra[i])) as [number, number];
  const x = input("x", "float32", [batch, groups * perGroup, extra[0] + 1, extra[1] + 1]);
  const weight = input("weight", "float32", [groups * perGroup, outPerGroup, ...kernel]);
  const lengths = [0, 1].map((i) =>
    extra[i] * stride[i] - 2 * padding[i] + dilation[i] * (kernel[i] - 1) + 1 + outputPadding[i]
  );
  const shape = [batch, groups * outPerGroup, ...lengths];
  return { y: convInputGradient(x, weight, shape, { stride, padding, dilation, groups }) };
}, 80);

const pooling = fc.record({
  kernel: pairOf(1, 4),
  stride: pairOf(1, 4),
  padded: fc.boolean(),
  extra: pairOf(0, 5),
});
property("pooling", pooling, ({ kernel, stride, padded, extra }) => {
  const padding = kernel.map((k) => padded ? Math.floor(k / 2) : 0) as [number, number];
  const x = input("x", "float32", [2, 2, kernel[0] + extra[0], kernel[1] + extra[1]]);
  const { values, indices } = maxPool2d(x, { kernel, stride, padding });
  const included = avgPool2d(x, { kernel, stride, padding });
  const excluded = avgPool2d(x, { kernel, stride, padding, countIncludePad: false });
  return { y: mul(values, add(included, excluded)), indices };
}, 50);

const resizing = fc.record({
  from: pairOf(1, 7),
  size: pairOf(1, 9),
  mode: fc.constantFrom("nearest" as const, "bilinear" as const, "bicubic" as const),
  alignCorners: fc.boolean(),
  antialias: fc.boolean(),
});
property("resampling", resizing, ({ from, size, mode, alignCorners, antialias }) => {
  const x = input("x", "float32", [2, 2, ...from]);
  return { y: interpolate(x, { size, mode, alignCorners, antialias }) };
}, 50);

property("normalisation", fc.tuple(shape(3, 4), fc.boolean()), ([dims, training]) => {
  const x = input("x", "float32", [dims[0] + 2, ...dims.slice(1)]);
  const channels = x.shape[1];
  const [weight, bias, runningMean] = ["weight", "bias", "mean"].map((name) =>
    input(name, "float32", [channels])
  );
  const variance = input("variance", "float32", [channels]);
  const runningVar = add(mul(variance, variance), 0.5);
  const result = batchNorm(x, { weight, bias, runningMean, runningVar, training });
  const y = layerNorm(result.y, { weight, bias, axis: 1, eps: 0.1 });
  return { y, newMean: result.runningMean, newVariance: result.runningVar };
});

property(
  "normalisation of rows and attention of heads",
  fc.tuple(length, length, length, length),
  (drawn) => {
    const [batch, queries, keys, width] = drawn;
    const q = input("q", "float32", [batch, queries, 2 * width]);
    const [k, v] = ["k", "v"].map((name) => input(name, "float32", [batch, keys, 2 * width]));
    const attended = multiHeadAttention(q, k, v, { heads: 2, scale: 0.7 });
    const [weight, bias] = ["weight", "bias"].map((name) => input(name, "float32", [2 * width]));
    return { y: layerNorm(add(q, attended), { weight, bias, eps: 0.1 }) };
  },
);

property("products with a bias", fc.tuple(length, length, length, fc.boolean()), (drawn) => {
  const [rows, inner, columns, transposeB] = drawn;
  const b = input("b", "float32", transposeB ? [columns, inner] : [inner, columns]);
  const bias = input("bias", "float32", [columns]);
  return { y: gemm(input("a", "float32", [rows, inner]), b, { transposeB, bias }) };
});
