/** Slice, pad, concat and combinations of them. */

import { elementCount, int64 } from "../host_tensor.ts";
import { apply1, checked, defineOp, Mismatch, type Tensor } from "../op.ts";
import {
  emptyValues,
  forEachIndex,
  hostFrom,
  normalizeAxes,
  normalizeAxis,
  offsetOf,
  stridesOf,
} from "../values.ts";
import { reshape, unsqueeze } from "./shape.ts";
import { full } from "./source.ts";

interface SliceAttributes {
  /** The start on every axis, within the axis. */
  starts: readonly number[];
  lengths: readonly number[];
  steps: readonly number[];
}

const sliceOp = defineOp<SliceAttributes>({
  name: "slice",
  infer([x], { starts, lengths, steps }) {
    x.shape.forEach((length, axis) => {
      const last = starts[axis] + (lengths[axis] - 1) * steps[axis];
      if (lengths[axis] > 0 && (Math.min(starts[axis], last) < 0 || Math.max(starts[axis], last) >= length)) {
        throw new Mismatch(
          `elements ${starts[axis]} to ${last} of axis ${axis} are out of range; the axis has ${length}`,
        );
      }
    });
    return [{ dtype: x.dtype, shape: lengths }];
  },
  vjp({ inputs: [x], attributes: { starts, steps }, cotangents: [dy] }) {
    let gradient = dy!;
    x.shape.forEach((length, axis) => gradient = unslice(gradient, axis, length, starts[axis], steps[axis]));
    return [gradient];
  },
  interpret([x], { starts, lengths, steps }) {
    const y = emptyValues(lengths);
    const strides = stridesOf(x.shape);
    forEachIndex(lengths, (index, at) => {
      y.data[at] = x.data[offsetOf(index.map((i, axis) => starts[axis] + i * steps[axis]), strides)];
    });
    return [y];
  },
  emit(to, { inputs: [x], outputs, attributes: { starts, lengths, steps }, inputTypes: [{ shape }] }) {
    const axes = shape.flatMap((length, axis) =>
      starts[axis] === 0 && lengths[axis] === length && steps[axis] === 1 ? [] : [axis]
    );
    const ends = axes.map((axis) => {
      const end = starts[axis] + lengths[axis] * steps[axis];
      return end < 0 ? -shape[axis] - 1 : end;
    });
    const list = (values: readonly number[]) => to.constant(int64([values.length], values));
    const start = axes.map((axis) => starts[axis]);
    to.node(
      "Slice",
      [x, list(start), list(ends), list(axes), list(axes.map((axis) => steps[axis]))],
      outputs,
    );
  },
});

/** The adjoint of selecting every `step`-th element from `start` on along one axis of `length`. */
function unslice(dy: Tensor, axis: number, length: number, start: number, step: number): Tensor {
  const taken = dy.shape[axis];
  if (step < 0) {
    return unslice(flip(dy, [axis]), axis, length, taken === 0 ? 0 : start + (taken - 1) * step, -step);
  }
  const at = (before: number, after: number, rank: number, where: number) =>
    Array.from({ length: rank }, (_, i): [number, number] => i === where ? [before, after] : [0, 0]);
  const rank = dy.shape.length;
  if (step === 1 || taken <= 1) return pad(dy, at(start, length - start - taken, rank, axis));
  const columns = pad(reshape(dy, dy.shape.toSpliced(axis + 1, 0, 1)), at(0, step - 1, rank + 1, axis + 1));
  const spread = reshape(columns, dy.shape.with(axis, taken * step));
  const room = length - start;
  return taken * step <= room
    ? pad(spread, at(start, room - taken * step, rank, axis))
    : pad(slice(spread, { axes: [axis], starts: [0], ends: [room] }), at(start, 0, rank, axis));
}

/** Python's `start:end:step` along one axis: the first element and the number of elements. */
function pythonRange(length: number, start: number, end: number, step: number): [number, number] {
  if (!Number.isInteger(step) || step === 0) {
    throw new Mismatch(`a slice's step must be a non-zero integer, but is ${step}`);
  }
  const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
  const bound = (value: number) => Math.min(Math.max(value < 0 ? value + length : value, low), high);
  const [from, to] = [bound(start), bound(end)];
  const taken = Math.max(0, Math.ceil((to - from) / step));
  return [taken === 0 ? 0 : from, taken];
}

export interface SliceOptions {
  axes: readonly number[];
  /** Negative values count from the end of the axis. */
  starts: readonly number[];
  /** Exclusive; values beyond the axis are clamped to it. */
  ends: readonly number[];
  steps?: readonly number[];
}

/** Python's slicing along the given axes. */
export function slice(x: Tensor, options: SliceOptions): Tensor {
  return checked("slice", [x], options, () => {
    const { axes, starts, ends, steps = axes.map(() => 1) } = options;
    if ([starts, ends, steps].some((list) => list.length !== axes.length)) {
      throw new Mismatch(`needs a start, an end and a step for each of ${axes.length} axes`);
    }
    const [from, lengths, by] = [x.shape.map(() => 0), [...x.shape], x.shape.map(() => 1)];
    axes.forEach((given, i) => {
      const axis = normalizeAxis(given, x.shape.length);
      [from[axis], lengths[axis]] = pythonRange(x.shape[axis], starts[i], ends[i], steps[i]);
      by[axis] = steps[i];
    });
    const whole = x.shape.every((length, axis) => lengths[axis] === length && by[axis] === 1);
    return whole ? x : apply1(sliceOp, [x], { starts: from, lengths, steps: by });
  });
}

/** The elements `start` … `end` − 1 of one axis. */
export function sliceAxis(x: Tensor, axis: number, start: number, end: number): Tensor {
  return slice(x, { axes: [axis], starts: [start], ends: [end] });
}

/** Reverses the order along the axes. */
export function flip(x: Tensor, axes: readonly number[]): Tensor {
  return checked("flip", [x], { axes }, () => {
    const flipped = normalizeAxes(axes, x.shape.length);
    return apply1(sliceOp, [x], {
      starts: x.shape.map((length, axis) => flipped.includes(axis) ? length - 1 : 0),
      lengths: x.shape,
      steps: x.shape.map((_, axis) => flipped.includes(axis) ? -1 : 1),
    });
  });
}

const padOp = defineOp<{ pads: readonly (readonly [number, number])[]; value: number }>({
  name: "pad",
  infer([x], { pads }) {
    if (pads.length !== x.shape.length || pads.flat().some((n) => !Number.isInteger(n) || n < 0)) {
      throw new Mismatch(`needs two non-negative integers for each of ${x.shape.length} axes`);
    }
    return [{ dtype: x.dtype, shape: x.shape.map((length, axis) => pads[axis][0] + length + pads[axis][1]) }];
  },
  vjp: ({ inputs: [x], attributes: { pads }, cotangents: [dy] }) => [
    slice(dy!, {
      axes: pads.map((_, axis) => axis),
      starts: pads.map(([before]) => before),
      ends: pads.map(([before], axis) => before + x.shape[axis]),
    }),
  ],
  interpret([x], { pads, value }, [{ shape }]) {
    const y = emptyValues(shape);
    y.data.fill(value);
    const strides = stridesOf(shape);
    forEachIndex(x.shape, (index, at) => {
      y.data[offsetOf(index.map((i, axis) => i + pads[axis][0]), strides)] = x.data[at];
    });
    return [y];
  },
  emit(to, { inputs: [x], outputs, attributes: { pads, value }, inputTypes: [{ dtype }] }) {
    const lengths = [...pads.map(([before]) => before), ...pads.map(([, after]) => after)];
    const fill = value === 0 ? [] : [to.constant(hostFrom(dtype, [], [value]))];
    to.node("Pad", [x, to.constant(int64([lengths.length], lengths)), ...fill], outputs, {
      mode: "constant",
    });
  },
});

/** Adds `[before, after]` elements with the value `value` to every axis. */
export function pad(x: Tensor, pads: readonly (readonly [number, number])[], value = 0): Tensor {
  if (pads.length === x.shape.length && pads.flat().every((n) => n === 0)) return x;
  const padded = apply1(padOp, [x], { pads, value });
  // ONNX Runtime computes a wrong shape when it pads an empty tensor.
  return elementCount(x.shape) === 0 ? full(padded.shape, value, x.dtype) : padded;
}

const concatOp = defineOp<{ axis: number }>({
  name: "concat",
  canonical: ([x], { axis }) => ({ axis: normalizeAxis(axis, x.shape.length) }),
  infer(inputs, { axis }) {
    const [first] = inputs;
    for (const { dtype, shape } of inputs) {
      const fits = dtype === first.dtype && shape.length === first.shape.length &&
        shape.every((length, i) => i === axis || length === first.shape[i]);
      if (!fits) throw new Mismatch(`types and all axes except ${axis} must be equal`);
    }
    const length = inputs.reduce((total, { shape }) => total + shape[axis], 0);
    return [{ dtype: first.dtype, shape: first.shape.with(axis, length) }];
  },
  vjp({ inputs, attributes: { axis }, cotangents: [dy], wanted }) {
    let start = 0;
    return inputs.map(({ shape }, i) => {
      const from = start;
      start += shape[axis];
      return wanted[i] ? sliceAxis(dy!, axis, from, start) : undefined;
    });
  },
  interpret(inputs, { axis }, [{ shape }]) {
    const y = emptyValues(shape);
    const strides = stridesOf(shape);
    let start = 0;
    for (const x of inputs) {
      forEachIndex(
        x.shape,
        (index, at) => y.data[offsetOf(index, strides) + start * strides[axis]] = x.data[at],
      );
      start += x.shape[axis];
    }
    return [y];
  },
  emit: (to, { inputs, outputs, attributes: { axis } }) => to.node("Concat", inputs, outputs, { axis }),
});

/** Concatenates the tensors along an existing axis. */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  return tensors.length === 1 ? tensors[0] : apply1(concatOp, tensors, { axis });
}

/** Stacks tensors of equal shape along a new axis. */
export function stack(tensors: readonly Tensor[], axis: number): Tensor {
  return checked("stack", tensors, { axis }, () => {
    const at = normalizeAxis(axis, tensors[0].shape.length + 1);
    return concat(tensors.map((x) => unsqueeze(x, at)), at);
  });
}

/** Interleaves tensors of equal shape along an existing axis: y[n·j + i] = tensors[i][j]. */
export function interleave(tensors: readonly Tensor[], axis: number): Tensor {
  if (tensors.length === 1) return tensors[0];
  const { shape } = tensors[0];
  const at = normalizeAxis(axis, shape.length);
  return reshape(stack(tensors, at + 1), shape.with(at, shape[at] * tensors.length));
}
