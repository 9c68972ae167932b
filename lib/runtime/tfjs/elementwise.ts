/** Elementwise kernels, constants and reductions on TensorFlow.js. */

import * as tf from "@tensorflow/tfjs-core";
import { elementCount, type HostTensor } from "../../tensor/host_tensor.ts";
import { type Kernel, tfjsType } from "./kernel.ts";

const unary = (compute: (x: tf.Tensor) => tf.Tensor): Kernel => ({ inputs: [x] }) => compute(x);
const binary = (compute: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): Kernel => ({ inputs: [a, b] }) =>
  compute(a, b);

const reduction = (compute: (x: tf.Tensor, axes: number[], keepdim: boolean) => tf.Tensor): Kernel =>
(
  { inputs: [x], attributes: { axes, keepdim } },
) => axes.length === 0 ? tf.clone(x) : compute(x, [...axes], keepdim);

/** Rounds towards zero, for integer division. */
function truncate(x: tf.Tensor): tf.Tensor {
  return tf.where(tf.less(x, 0), tf.ceil(x), tf.floor(x));
}

function divide(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  if (a.dtype !== "int32") return tf.div(a, b);
  return tf.cast(truncate(tf.div(tf.cast(a, "float32"), tf.cast(b, "float32"))), "int32");
}

/** x/2 · (1 + erf(x/√2)) */
function gelu(x: tf.Tensor): tf.Tensor {
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
}

function geluByTanh(x: tf.Tensor): tf.Tensor {
  const inner = tf.mul(tf.add(x, tf.mul(tf.pow(x, 3), 0.044715)), Math.sqrt(2 / Math.PI));
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
}

const positive = (x: tf.Tensor) => tf.cast(tf.greater(x, 0), "float32");

/** Converts a host tensor to a TensorFlow.js tensor. */
export function upload({ dtype, shape, data }: HostTensor): tf.Tensor {
  const values = ["float32", "float64", "bool", "int32"].includes(dtype)
    ? data as Float32Array
    : Int32Array.from(data as Int32Array, Number);
  return tf.tensor(values, [...shape], tfjsType(dtype as "float32"));
}

export const ELEMENTWISE: Readonly<Record<string, Kernel>> = {
  constant: ({ attributes }) => upload(attributes.value),
  full: ({ attributes: { value, dtype, shape } }) => tf.fill([...shape], value, tfjsType(dtype)),
  add: binary(tf.add),
  sub: binary(tf.sub),
  mul: binary(tf.mul),
  div: binary(divide),
  maximum: binary(tf.maximum),
  minimum: binary(tf.minimum),
  pow: binary(tf.pow),
  equal: binary(tf.equal),
  greater: binary(tf.greater),
  less: binary(tf.less),
  greater_equal: binary(tf.greaterEqual),
  less_equal: binary(tf.lessEqual),
  and: binary(tf.logicalAnd),
  or: binary(tf.logicalOr),
  not: unary(tf.logicalNot),
  where: ({ inputs: [condition, a, b], outputTypes: [{ shape }] }) =>
    tf.where(
      tf.broadcastTo(condition, [...shape]),
      tf.broadcastTo(a, [...shape]),
      tf.broadcastTo(b, [...shape]),
    ),
  neg: unary(tf.neg),
  log: unary(tf.log),
  relu: unary(tf.relu),
  finite_relu: unary(tf.relu),
  positive: unary(positive),
  sigmoid: unary(tf.sigmoid),
  tanh: unary(tf.tanh),
  exp: unary(tf.exp),
  sqrt: unary(tf.sqrt),
  abs: unary(tf.abs),
  sign: unary(tf.sign),
  floor: unary(tf.floor),
  ceil: unary(tf.ceil),
  reciprocal: unary(tf.reciprocal),
  sin: unary(tf.sin),
  cos: unary(tf.cos),
  erf: unary(tf.erf),
  gelu: unary(gelu),
  gelu_tanh: unary(geluByTanh),
  clamp: ({ inputs: [x], attributes: { min = -Infinity, max = Infinity } }) => tf.clipByValue(x, min, max),
  cast({ inputs: [x], attributes: { dtype } }) {
    if (dtype === "bool") return tf.notEqual(x, 0);
    const rounded = x.dtype === "float32" && tfjsType(dtype) !== "float32" ? truncate(x) : x;
    return tf.cast(rounded, tfjsType(dtype));
  },
  sum: reduction(tf.sum),
  mean: reduction(tf.mean),
  amax: reduction(tf.max),
  amin: reduction(tf.min),
  prod: reduction(tf.prod),
  argmax: ({ inputs: [x], attributes: { axis }, outputTypes: [{ shape }] }) =>
    tf.reshape(tf.argMax(x, axis), [...shape]),
  argmin: ({ inputs: [x], attributes: { axis }, outputTypes: [{ shape }] }) =>
    tf.reshape(tf.argMin(x, axis), [...shape]),
  cumsum: ({ inputs: [x], attributes: { axis } }) => tf.cumsum(x, axis),
  softmax: ({ inputs: [x], attributes: { axis } }) => alongLast(x, axis, (y) => tf.softmax(y)),
  log_softmax: ({ inputs: [x], attributes: { axis } }) => alongLast(x, axis, (y) => tf.logSoftmax(y)),
  layer_norm_last_axis({ inputs: [x, weight, bias], attributes: { eps } }) {
    const { mean, variance } = tf.moments(x, -1, true);
    const normalized = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, eps)));
    return tf.add(tf.mul(normalized, weight), bias);
  },
  topk({ inputs: [x], attributes: { k, axis, largest }, outputTypes: [{ shape }] }) {
    const last = x.rank - 1;
    const order = exchanged(x.rank, axis, last);
    const moved = tf.transpose(largest ? x : tf.neg(x), order);
    if (elementCount(shape) === 0) return [tf.zeros([...shape]), tf.zeros([...shape], "int32")];
    const { values, indices } = tf.topk(moved, k, true);
    const back = tf.transpose(values, order);
    return [largest ? back : tf.neg(back), tf.transpose(indices, order)];
  },
};

/** The permutation that exchanges axes `a` and `b`. It is its own inverse. */
function exchanged(rank: number, a: number, b: number): number[] {
  return Array.from({ length: rank }, (_, i) => i === a ? b : i === b ? a : i);
}

function alongLast(x: tf.Tensor, axis: number, compute: (x: tf.Tensor) => tf.Tensor): tf.Tensor {
  const order = exchanged(x.rank, axis, x.rank - 1);
  return tf.transpose(compute(tf.transpose(x, order)), order);
}
