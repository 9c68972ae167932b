/** Matrix products, convolutions, pooling and attention on TensorFlow.js. */

import * as tf from "@tensorflow/tfjs-core";
import type { Kernel } from "./kernel.ts";

type Pair = readonly [number, number];

const toLast = (x: tf.Tensor) => tf.transpose(x, [0, 2, 3, 1]) as tf.Tensor4D;
const toFirst = (x: tf.Tensor) => tf.transpose(x, [0, 3, 1, 2]);
/** Permutes [co, ci, kh, kw] to [kh, kw, ci, co]. */
const toFilter = (weight: tf.Tensor) => tf.transpose(weight, [2, 3, 1, 0]) as tf.Tensor4D;

function zerosAround(x: tf.Tensor4D, [vertical, horizontal]: Pair): tf.Tensor4D {
  return tf.pad(x, [[0, 0], [vertical, vertical], [horizontal, horizontal], [0, 0]]);
}

/** A filter [kh, kw, …] with zeros between the taps, because not every backend supports dilation. */
function dilated(filter: tf.Tensor4D, dilation: Pair): tf.Tensor4D {
  return dilation.reduce<tf.Tensor>((spread, by, axis) => {
    if (by === 1) return spread;
    const { shape } = spread;
    const apart = tf.pad(
      tf.reshape(spread, shape.toSpliced(axis + 1, 0, 1)),
      Array.from({ length: 5 }, (_, i): [number, number] => [0, i === axis + 1 ? by - 1 : 0]),
    );
    const whole = tf.reshape(apart, shape.with(axis, shape[axis] * by));
    const size = whole.shape.with(axis, (shape[axis] - 1) * by + 1);
    return tf.slice(whole, shape.map(() => 0), size);
  }, filter) as tf.Tensor4D;
}

/** Calls `compute` for each channel group: of the last axis of x and the first axis of the weight. */
function byGroup(
  x: tf.Tensor4D,
  weight: tf.Tensor,
  groups: number,
  compute: (x: tf.Tensor4D, weight: tf.Tensor) => tf.Tensor,
): tf.Tensor {
  if (groups === 1) return compute(x, weight);
  const [parts, weights] = [tf.split(x, groups, 3), tf.split(weight, groups, 0)];
  return tf.concat(parts.map((part, i) => compute(part as tf.Tensor4D, weights[i])), 3);
}

const withBias = (y: tf.Tensor, bias?: tf.Tensor) => bias ? tf.add(y, bias) : y;

/**
 * For each tap of a window, the elements of x [N, H, W, C] that it reads. `outside` is the value of padding.
 */
function windowReads(
  x: tf.Tensor4D,
  size: readonly number[],
  { kernel, stride, padding }: { kernel: Pair; stride: Pair; padding: Pair },
  outside: number,
): tf.Tensor[] {
  const [vertical, horizontal] = padding;
  const padded = tf.pad(x, [[0, 0], [vertical, vertical], [horizontal, horizontal], [0, 0]], outside);
  const [batch, , , channels] = x.shape;
  return Array.from({ length: kernel[0] * kernel[1] }, (_, tap) => {
    const at = [Math.floor(tap / kernel[1]), tap % kernel[1]];
    const end = at.map((start, i) => start + (size[i] - 1) * stride[i] + 1);
    return tf.stridedSlice(padded, [0, ...at, 0], [batch, ...end, channels], [1, ...stride, 1]);
  });
}

export const PRODUCTS: Readonly<Record<string, Kernel>> = {
  matmul({ inputs: [a, b], outputTypes: [{ shape }] }) {
    // TensorFlow.js broadcasts batch axes only if both sides have the same number of axes.
    const batch = shape.slice(0, -2);
    const [left, right] = [a, b].map((x) => tf.broadcastTo(x, [...batch, ...x.shape.slice(-2)]));
    return tf.matMul(left, right);
  },
  gemm: ({ inputs: [a, b, bias], attributes: { transposeA, transposeB } }) =>
    withBias(tf.matMul(a, b, transposeA, transposeB), bias),
  conv2d({ inputs: [x, weight, bias], attributes: { stride, padding, dilation, groups } }) {
    const y = byGroup(
      zerosAround(toLast(x), padding),
      weight,
      groups,
      (part, weights) => tf.conv2d(part, dilated(toFilter(weights), dilation), stride, "valid"),
    );
    return toFirst(withBias(y, bias));
  },
  conv2d_channels_last: ({ inputs: [x, weight], attributes: { stride, padding } }) =>
    tf.conv2d(zerosAround(x as tf.Tensor4D, padding), toFilter(weight), stride, "valid"),
  image_conv2d: ({ inputs: [x, weight], attributes: { stride, padding } }) =>
    tf.conv2d(zerosAround(toLast(x), padding), toFilter(weight), stride, "valid"),
  image_conv2d_weight_gradient({ inputs: [x, dy], attributes, outputTypes: [{ shape }] }) {
    const [out, channels] = shape;
    const rows = tf.reshape(dy, [-1, out]);
    const taps = windowReads(toLast(x), dy.shape.slice(1, 3), attributes, 0).map((read) =>
      tf.matMul(rows, tf.reshape(read, [-1, channels]), true)
    );
    return tf.reshape(tf.transpose(tf.stack(taps), [1, 2, 0]), [...shape]);
  },
  conv_transpose2d({ inputs: [x, weight, bias], attributes, outputTypes: [{ shape }] }) {
    const { stride, padding, dilation, groups } = attributes;
    const [batch, channels, ...size] = shape;
    const whole = size.map((length, i) => length + 2 * padding[i]);
    const y = byGroup(toLast(x), weight, groups, (part, weights) => {
      const filter = dilated(toFilter(weights), dilation);
      const target: [number, number, number, number] = [batch, whole[0], whole[1], channels / groups];
      return tf.conv2dTranspose(part, filter, target, stride, "valid");
    });
    const cut = tf.slice(y, [0, ...padding, 0], [batch, ...size, channels]);
    return toFirst(withBias(cut, bias));
  },
  max_pool2d({ inputs: [x], attributes, outputTypes: [{ shape }] }) {
    const [, , height, width] = x.shape;
    const size = shape.slice(2);
    const reads = windowReads(toLast(x), size, attributes, -Infinity);
    const places = tf.reshape(tf.range(0, height * width, 1, "int32"), [1, height, width, 1]);
    const positions = windowReads(places as tf.Tensor4D, size, attributes, -1);
    let best: tf.Tensor = tf.fill(reads[0].shape, -Infinity);
    let at: tf.Tensor = tf.fill(reads[0].shape, -1, "int32");
    reads.forEach((read, tap) => {
      const position = tf.broadcastTo(positions[tap], read.shape);
      const inside = tf.greaterEqual(position, 0);
      const better = tf.logicalAnd(inside, tf.logicalOr(tf.greater(read, best), tf.less(at, 0)));
      best = tf.where(better, read, best);
      at = tf.where(better, position, at);
    });
    return [toFirst(best), toFirst(at)];
  },
  avg_pool2d({ inputs: [x], attributes, outputTypes: [{ shape }] }) {
    const [, , height, width] = x.shape;
    const total = (map: tf.Tensor4D) => tf.addN(windowReads(map, shape.slice(2), attributes, 0));
    const counts = attributes.countIncludePad
      ? tf.scalar(attributes.kernel[0] * attributes.kernel[1])
      : total(tf.ones([1, height, width, 1]));
    return toFirst(tf.div(total(toLast(x)), counts));
  },
  multi_head_attention_kernel({ inputs, attributes: { heads, scale }, outputTypes: [{ shape }] }) {
    const [q, k, v] = inputs.map((x) => {
      const [batch, length, width] = x.shape;
      return tf.transpose(tf.reshape(x, [batch, length, heads, width / heads]), [0, 2, 1, 3]);
    });
    const weights = tf.softmax(tf.mul(tf.matMul(q, k, false, true), scale));
    return tf.reshape(tf.transpose(tf.matMul(weights, v), [0, 2, 1, 3]), [...shape]);
  },
};
