/** Kernels that move, select and concatenate elements on TensorFlow.js. */

import * as tf from "@tensorflow/tfjs-core";
import type { Kernel } from "./kernel.ts";

/** The flat index in x of each element that `index` selects along an axis: [elements of index, 1]. */
function flatPositions(x: readonly number[], index: tf.Tensor, axis: number): tf.Tensor2D {
  const length = tf.scalar(x[axis], "int32");
  const counted = tf.where(tf.less(index, 0), tf.add(index, length), index);
  let flat: tf.Tensor = tf.zeros(index.shape, "int32");
  let stride = 1;
  for (let k = x.length - 1; k >= 0; k--) {
    const along = k === axis
      ? counted
      : tf.reshape(tf.range(0, index.shape[k], 1, "int32"), index.shape.map((n, i) => i === k ? n : 1));
    flat = tf.add(flat, tf.mul(along, tf.scalar(stride, "int32")));
    stride *= x[k];
  }
  return tf.reshape(flat, [-1, 1]);
}

export const STRUCTURE: Readonly<Record<string, Kernel>> = {
  reshape: ({ inputs: [x], attributes: { shape } }) => tf.reshape(x, [...shape]),
  checkpoint: ({ inputs: [x] }) => tf.clone(x),
  checkpoint_cotangent: ({ inputs: [dy] }) => tf.clone(dy),
  transpose: ({ inputs: [x], attributes: { perm } }) => tf.transpose(x, [...perm]),
  expand: ({ inputs: [x], attributes: { shape } }) => tf.broadcastTo(x, [...shape]),
  concat: ({ inputs, attributes: { axis } }) => tf.concat([...inputs], axis),
  pad({ inputs: [x], attributes: { pads, value } }) {
    return tf.pad(x, pads.map(([before, after]: [number, number]) => [before, after]), value);
  },
  slice({ inputs: [x], attributes: { starts, lengths, steps }, outputTypes: [{ shape }] }) {
    if (lengths.includes(0)) return tf.zeros([...shape], x.dtype);
    const flipped = steps.flatMap((step: number, axis: number) => step < 0 ? [axis] : []);
    const first = starts.map((start: number, axis: number) =>
      steps[axis] < 0 ? x.shape[axis] - 1 - start : start
    );
    const by = steps.map(Math.abs);
    const ends = first.map((start: number, axis: number) => start + (lengths[axis] - 1) * by[axis] + 1);
    return tf.stridedSlice(flipped.length > 0 ? tf.reverse(x, flipped) : x, first, ends, by);
  },
  take({ inputs: [x, index], attributes: { axis } }) {
    const counted = tf.where(tf.less(index, 0), tf.add(index, tf.scalar(x.shape[axis], "int32")), index);
    return tf.gather(x, counted as tf.Tensor1D, axis);
  },
  rows_where({ inputs: [x, condition] }) {
    const chosen = [...condition.dataSync().entries()].filter(([, isChosen]) => isChosen).map(([row]) => row);
    return tf.gather(x, tf.tensor1d(chosen, "int32"));
  },
  gather({ inputs: [x, index], attributes: { axis }, outputTypes: [{ shape }] }) {
    const positions = flatPositions(x.shape, index, axis);
    return tf.reshape(tf.gatherND(tf.reshape(x, [-1]), positions), [...shape]);
  },
  scatter_add({ inputs: [x, index, source], attributes: { axis }, outputTypes: [{ shape }] }) {
    const positions = flatPositions(x.shape, index, axis);
    const added = tf.scatterND(positions, tf.reshape(source, [-1]), [x.size]);
    return tf.add(x, tf.reshape(added, [...shape]));
  },
};
