/** Elementwise functions of one tensor. */

import { float32 } from "../host_tensor.ts";
import { DATA_TYPE } from "../onnx/data_type.ts";
import { erf as erfOf } from "../special.ts";
import { apply1, composite, defineOp, type ElementType, Mismatch, type Tensor } from "../op.ts";
import { float, type OnnxAttribute } from "../onnx/attribute.ts";
import {
  add,
  and,
  div,
  equal,
  greater,
  greaterEqual,
  less,
  lessEqual,
  log,
  mul,
  neg,
  sub,
  where,
} from "./arithmetic.ts";

type None = Record<never, never>;

interface Unary {
  readonly name: string;
  readonly onnx: string;
  readonly onnxAttributes?: Readonly<Record<string, OnnxAttribute>>;
  readonly compute: (x: number) => number;
  /** Computes the gradient from x, y = f(x) and dy. */
  readonly gradient?: (x: Tensor, y: Tensor, dy: Tensor) => Tensor;
}

/** The builder of an elementwise function of float32. */
function unary({ name, onnx, onnxAttributes, compute, gradient }: Unary): (x: Tensor) => Tensor {
  const op = defineOp<None>({
    name,
    infer([x]) {
      if (x.dtype !== "float32") throw new Mismatch(`needs float32, not ${x.dtype}`);
      return [x];
    },
    vjp: gradient && (({ inputs: [x], outputs: [y], cotangents: [dy] }) => [gradient(x, y, dy!)]),
    interpret: ([x]) => [{ shape: x.shape, data: x.data.map(compute) }],
    emit: (to, { inputs, outputs }) => to.node(onnx, inputs, outputs, onnxAttributes),
  });
  return (x) => apply1(op, [x], {});
}

/** max(x, 0); gradient 0 at 0. */
export const relu: (x: Tensor) => Tensor = unary({
  name: "relu",
  onnx: "Relu",
  compute: (x) => Math.max(x, 0),
  // A product with the mask is twice as fast as Where. The gradient of NaN passes, because NaN ≤ 0 is false.
  gradient: (_, y, dy) => mul(dy, cast(not(lessEqual(y, 0)), "float32")),
});

/**
 * 1 where x > 0, else 0, for finite x: a HardSigmoid so steep that it reaches 1 at the smallest normal
 * float32.
 */
const positive = unary({
  name: "positive",
  onnx: "HardSigmoid",
  onnxAttributes: { alpha: float(3.4028234663852886e38), beta: float(0) },
  compute: (x) => Number(x > 0),
});

/** {@link relu} for finite inputs. Its gradient needs two passes fewer, but is NaN where the input is NaN. */
export const finiteRelu: (x: Tensor) => Tensor = unary({
  name: "finite_relu",
  onnx: "Relu",
  compute: (x) => Math.max(x, 0),
  gradient: (_, y, dy) => mul(dy, positive(y)),
});

/** 1 / (1 + e^−x) */
export const sigmoid: (x: Tensor) => Tensor = unary({
  name: "sigmoid",
  onnx: "Sigmoid",
  compute: (x) => 1 / (1 + Math.exp(-x)),
  gradient: (_, y, dy) => mul(dy, mul(y, sub(1, y))),
});

/** tanh x */
export const tanh: (x: Tensor) => Tensor = unary({
  name: "tanh",
  onnx: "Tanh",
  compute: Math.tanh,
  gradient: (_, y, dy) => mul(dy, sub(1, mul(y, y))),
});

/** e^x */
export const exp: (x: Tensor) => Tensor = unary({
  name: "exp",
  onnx: "Exp",
  compute: Math.exp,
  gradient: (_, y, dy) => mul(dy, y),
});

/** √x */
export const sqrt: (x: Tensor) => Tensor = unary({
  name: "sqrt",
  onnx: "Sqrt",
  compute: Math.sqrt,
  gradient: (_, y, dy) => div(dy, mul(y, 2)),
});

/** |x|; gradient 0 at 0 and at NaN. */
export const abs: (x: Tensor) => Tensor = unary({
  name: "abs",
  onnx: "Abs",
  compute: Math.abs,
  gradient: (x, _, dy) => where(greater(x, 0), dy, where(less(x, 0), neg(dy), 0)),
});

/** −1, 0 or 1; gradient 0. */
export const sign: (x: Tensor) => Tensor = unary({ name: "sign", onnx: "Sign", compute: Math.sign });

/** The largest integer that is not above x; gradient 0. */
export const floor: (x: Tensor) => Tensor = unary({ name: "floor", onnx: "Floor", compute: Math.floor });

/** The smallest integer that is not below x; gradient 0. */
export const ceil: (x: Tensor) => Tensor = unary({ name: "ceil", onnx: "Ceil", compute: Math.ceil });

/** 1 / x */
export const reciprocal: (x: Tensor) => Tensor = unary({
  name: "reciprocal",
  onnx: "Reciprocal",
  compute: (x) => 1 / x,
  gradient: (_, y, dy) => neg(mul(dy, mul(y, y))),
});

/** sin x, in radians */
export const sin: (x: Tensor) => Tensor = unary({
  name: "sin",
  onnx: "Sin",
  compute: Math.sin,
  gradient: (x, _, dy) => mul(dy, cos(x)),
});

/** cos x, in radians */
export const cos: (x: Tensor) => Tensor = unary({
  name: "cos",
  onnx: "Cos",
  compute: Math.cos,
  gradient: (x, _, dy) => neg(mul(dy, sin(x))),
});

/** 2/√π ∫₀ˣ e^−t² dt */
export const erf: (x: Tensor) => Tensor = unary({
  name: "erf",
  onnx: "Erf",
  compute: erfOf,
  gradient: (x, _, dy) => mul(dy, mul(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI))),
});

/** x·Φ(x), Φ the normal distribution function. */
const geluErf = unary({
  name: "gelu",
  onnx: "Gelu",
  onnxAttributes: { approximate: "none" },
  compute: (x) => 0.5 * x * (1 + erfOf(x / Math.SQRT2)),
  gradient(x, _, dy) {
    const distribution = mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5);
    const density = mul(exp(mul(mul(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
    return mul(dy, add(distribution, mul(x, density)));
  },
});

const GELU_SCALE = Math.sqrt(2 / Math.PI);
const GELU_CUBIC = 0.044715;

/** 0.5x(1 + tanh(√(2/π)(x + 0.044715x³))) */
const geluTanh = unary({
  name: "gelu_tanh",
  onnx: "Gelu",
  onnxAttributes: { approximate: "tanh" },
  compute: (x) => 0.5 * x * (1 + Math.tanh(GELU_SCALE * (x + GELU_CUBIC * x ** 3))),
  gradient(x, _, dy) {
    const squared = mul(x, x);
    const t = tanh(mul(mul(x, GELU_SCALE), add(mul(squared, GELU_CUBIC), 1)));
    const slope = mul(add(mul(squared, 3 * GELU_CUBIC), 1), GELU_SCALE);
    const left = mul(add(t, 1), 0.5);
    const right = mul(mul(x, 0.5), mul(sub(1, mul(t, t)), slope));
    return mul(dy, add(left, right));
  },
});

/** The Gaussian error linear unit, exact or by tanh. */
export function gelu(x: Tensor, { approximate = "none" }: { approximate?: "none" | "tanh" } = {}): Tensor {
  return approximate === "tanh" ? geluTanh(x) : geluErf(x);
}

/** x² */
export function square(x: Tensor): Tensor {
  return mul(x, x);
}

/** ln(1 + x), accurate near 0: ln(1 + x)·x / ((1 + x) − 1) compensates for the rounding of 1 + x. */
export function log1p(x: Tensor): Tensor {
  const shifted = add(x, 1);
  const rounded = sub(shifted, 1);
  const y = where(
    equal(rounded, x),
    log(shifted),
    where(equal(rounded, 0), x, mul(log(shifted), div(x, rounded))),
  );
  return composite("log1p", [x], () => [y], ({ cotangents: [dy] }) => [div(dy!, shifted)])[0];
}

/** 1 / √x */
export function rsqrt(x: Tensor): Tensor {
  return reciprocal(sqrt(x));
}

const clampOp = defineOp<{ min?: number; max?: number }>({
  name: "clamp",
  infer([x]) {
    if (x.dtype !== "float32") throw new Mismatch(`needs float32, not ${x.dtype}`);
    return [x];
  },
  vjp({ inputs: [x], attributes: { min, max }, cotangents: [dy] }) {
    const above = min === undefined ? undefined : greaterEqual(x, min);
    const below = max === undefined ? undefined : lessEqual(x, max);
    const inside = above && below ? and(above, below) : above ?? below;
    return [inside ? where(inside, dy!, 0) : dy];
  },
  interpret: ([x], { min = -Infinity, max = Infinity }) => [
    { shape: x.shape, data: x.data.map((value) => Math.min(Math.max(value, min), max)) },
  ],
  emit(to, { inputs: [x], outputs, attributes: { min, max } }) {
    const bound = (value?: number) => value === undefined ? "" : to.constant(float32([], [value]));
    const bounds = max === undefined ? [bound(min)] : [bound(min), bound(max)];
    to.node("Clip", [x, ...bounds], outputs);
  },
});

/** x limited to [min, max]; the gradient passes where min ≤ x ≤ max, bounds included. */
export function clamp(x: Tensor, bounds: { min?: number; max?: number }): Tensor {
  return apply1(clampOp, [x], bounds);
}

const castOp = defineOp<{ dtype: ElementType }>({
  name: "cast",
  infer: ([x], { dtype }) => [{ dtype, shape: x.shape }],
  vjp: ({ inputs: [x], cotangents: [dy] }) => [cast(dy!, x.dtype)],
  interpret([x], { dtype }) {
    const convert = dtype.startsWith("float")
      ? (v: number) => v
      : dtype === "bool"
      ? (v: number) => Number(v !== 0)
      : Math.trunc;
    return [{ shape: x.shape, data: x.data.map(convert) }];
  },
  emit: (to, { inputs, outputs, attributes: { dtype } }) =>
    to.node("Cast", inputs, outputs, { to: DATA_TYPE[dtype] }),
});

/**
 * The values in another type. Conversion to an integer drops the fraction; conversion to bool gives false
 * only for 0.
 */
export function cast(x: Tensor, dtype: ElementType): Tensor {
  return x.dtype === dtype ? x : apply1(castOp, [x], { dtype });
}

const notOp = defineOp<None>({
  name: "not",
  infer([x]) {
    if (x.dtype !== "bool") throw new Mismatch(`needs bool, not ${x.dtype}`);
    return [x];
  },
  interpret: ([x]) => [{ shape: x.shape, data: x.data.map((value) => Number(value === 0)) }],
  emit: (to, { inputs, outputs }) => to.node("Not", inputs, outputs),
});

/** ¬x of a bool tensor */
export function not(x: Tensor): Tensor {
  return apply1(notOp, [x], {});
}
