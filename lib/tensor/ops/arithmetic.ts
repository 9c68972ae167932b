/**
 * Elementwise operations of two or three tensors, with broadcasting; numbers are allowed in place of tensors.
 */

import {
  apply1,
  defineOp,
  type ElementType,
  Mismatch,
  type Op,
  type Tensor,
  type VjpContext,
} from "../op.ts";
import { elementCount } from "../host_tensor.ts";
import { broadcastReader, broadcastShapes, emptyValues, forEachIndex } from "../values.ts";
import { sumTo } from "./broadcast.ts";
import { reshape } from "./shape.ts";
import { full } from "./source.ts";

/** A tensor, or a number that takes the other operand's type. */
export type Operand = Tensor | number;

type None = Record<never, never>;

interface Binary {
  readonly name: string;
  readonly onnx: string;
  readonly compute: (a: number, b: number) => number;
  /** The gradients before they are summed to the operands' shapes; each is computed only if it is wanted. */
  readonly partials?: (context: { a: Tensor; b: Tensor; y: Tensor; dy: Tensor }) => readonly (() => Tensor)[];
  /** The result's type; the operands' by default. */
  readonly result?: ElementType;
}

function binary({ name, onnx, compute, partials, result }: Binary): Op<None> {
  return defineOp<None>({
    name,
    infer([a, b]) {
      if (a.dtype !== b.dtype) throw new Mismatch(`the types ${a.dtype} and ${b.dtype} differ; cast one`);
      return [{ dtype: result ?? a.dtype, shape: broadcastShapes([a.shape, b.shape]) }];
    },
    vjp: partials && (({ inputs: [a, b], outputs: [y], cotangents: [dy], wanted }: VjpContext) => {
      const [da, db] = partials({ a, b, y, dy: dy! });
      return [wanted[0] ? sumTo(da(), a.shape) : undefined, wanted[1] ? sumTo(db(), b.shape) : undefined];
    }),
    interpret([a, b], _, [{ dtype, shape }]) {
      const y = emptyValues(shape);
      const [readA, readB] = [broadcastReader(a, shape), broadcastReader(b, shape)];
      forEachIndex(shape, (index, at) => {
        const value = compute(readA(index), readB(index));
        y.data[at] = dtype.startsWith("float") ? value : Math.trunc(value);
      });
      return [y];
    },
    emit: (to, { inputs, outputs }) => to.node(onnx, inputs, outputs),
  });
}

const addOp = binary({
  name: "add",
  onnx: "Add",
  compute: (a, b) => a + b,
  partials: ({ dy }) => [() => dy, () => dy],
});
const subOp = binary({
  name: "sub",
  onnx: "Sub",
  compute: (a, b) => a - b,
  partials: ({ dy }) => [() => dy, () => neg(dy)],
});
const mulOp = binary({
  name: "mul",
  onnx: "Mul",
  compute: (a, b) => a * b,
  partials: ({ a, b, dy }) => [() => mul(dy, b), () => mul(dy, a)],
});
const divOp = binary({
  name: "div",
  onnx: "Div",
  compute: (a, b) => a / b,
  partials: ({ b, y, dy }) => [() => div(dy, b), () => neg(mul(dy, div(y, b)))],
});
/** Half of the gradient goes to each side of a tie. */
const extremum = (
  name: string,
  onnx: string,
  compute: (a: number, b: number) => number,
  loses: (a: Tensor, b: Tensor) => Tensor,
) =>
  binary({
    name,
    onnx,
    compute,
    partials: ({ a, b, dy }) => {
      const shared = () => where(equal(a, b), mul(dy, 0.5), dy);
      return [() => where(loses(a, b), 0, shared()), () => where(loses(b, a), 0, shared())];
    },
  });
const maximumOp = extremum("maximum", "Max", Math.max, (a, b) => less(a, b));
const minimumOp = extremum("minimum", "Min", Math.min, (a, b) => greater(a, b));
const powOp = binary({
  name: "pow",
  onnx: "Pow",
  compute: (a, b) => a ** b,
  partials: ({ a, b, y, dy }) => [
    () => where(equal(b, 0), 0, mul(dy, mul(b, pow(a, sub(b, 1))))),
    () => where(equal(a, 0), 0, mul(dy, mul(y, log(a)))),
  ],
});

const comparison = (name: string, onnx: string, compute: (a: number, b: number) => boolean) =>
  binary({ name, onnx, compute: (a, b) => Number(compute(a, b)), result: "bool" });
const equalOp = comparison("equal", "Equal", (a, b) => a === b);
const greaterOp = comparison("greater", "Greater", (a, b) => a > b);
const lessOp = comparison("less", "Less", (a, b) => a < b);
const greaterEqualOp = comparison("greater_equal", "GreaterOrEqual", (a, b) => a >= b);
const lessEqualOp = comparison("less_equal", "LessOrEqual", (a, b) => a <= b);
const andOp = comparison("and", "And", (a, b) => a !== 0 && b !== 0);
const orOp = comparison("or", "Or", (a, b) => a !== 0 || b !== 0);

const whereOp = defineOp<None>({
  name: "where",
  infer([condition, a, b]) {
    if (condition.dtype !== "bool") throw new Mismatch(`the condition must be bool, not ${condition.dtype}`);
    if (a.dtype !== b.dtype) throw new Mismatch(`the types ${a.dtype} and ${b.dtype} differ; cast one`);
    return [{ dtype: a.dtype, shape: broadcastShapes([condition.shape, a.shape, b.shape]) }];
  },
  vjp: ({ inputs: [condition, a, b], cotangents: [dy], wanted }) => [
    undefined,
    wanted[1] ? sumTo(where(condition, dy!, 0), a.shape) : undefined,
    wanted[2] ? sumTo(where(condition, 0, dy!), b.shape) : undefined,
  ],
  interpret(inputs, _, [{ shape }]) {
    const y = emptyValues(shape);
    const [condition, a, b] = inputs.map((x) => broadcastReader(x, shape));
    forEachIndex(shape, (index, at) => y.data[at] = condition(index) !== 0 ? a(index) : b(index));
    return [y];
  },
  emit: (to, { inputs, outputs }) => to.node("Where", inputs, outputs),
});

const negOp = defineOp<None>({
  name: "neg",
  infer: ([x]) => [x],
  vjp: ({ cotangents: [dy] }) => [neg(dy!)],
  interpret: ([x]) => [{ shape: x.shape, data: x.data.map((value) => -value) }],
  emit: (to, { inputs, outputs }) => to.node("Neg", inputs, outputs),
});

const logOp = defineOp<None>({
  name: "log",
  infer: ([x]) => [x],
  vjp: ({ inputs: [x], cotangents: [dy] }) => [div(dy!, x)],
  interpret: ([x]) => [{ shape: x.shape, data: x.data.map(Math.log) }],
  emit: (to, { inputs, outputs }) => to.node("Log", inputs, outputs),
});

/**
 * Converts numbers to tensors with the type of the other operands. Single elements get as many axes as the
 * largest operand, because onnxruntime's kernels are up to 60 times slower if the numbers of axes differ and
 * the last axis is short.
 */
function tensors(operands: readonly Operand[]): Tensor[] {
  const given = operands.filter((operand) => typeof operand !== "number");
  const rank = Math.max(0, ...given.map(({ shape }) => shape.length));
  const single = Array<number>(rank).fill(1);
  return operands.map((operand) => {
    if (typeof operand === "number") return full(single, operand, given[0]?.dtype);
    return operand.shape.length < rank && elementCount(operand.shape) === 1
      ? reshape(operand, single)
      : operand;
  });
}

const build2 = (op: Op<None>) => (a: Operand, b: Operand): Tensor => apply1(op, tensors([a, b]), {});

/** a + b */
export const add: (a: Operand, b: Operand) => Tensor = build2(addOp);
/** a − b */
export const sub: (a: Operand, b: Operand) => Tensor = build2(subOp);
/** a · b */
export const mul: (a: Operand, b: Operand) => Tensor = build2(mulOp);
/** a / b */
export const div: (a: Operand, b: Operand) => Tensor = build2(divOp);
/** The elementwise maximum; in a tie each side gets half of the gradient. */
export const maximum: (a: Operand, b: Operand) => Tensor = build2(maximumOp);
/** The elementwise minimum; in a tie each side gets half of the gradient. */
export const minimum: (a: Operand, b: Operand) => Tensor = build2(minimumOp);
/** a^b; the gradient of b is Σ dy·a^b·ln a, 0 where a = 0. */
export const pow: (a: Operand, b: Operand) => Tensor = build2(powOp);
/** a = b, bool */
export const equal: (a: Operand, b: Operand) => Tensor = build2(equalOp);
/** a > b, bool */
export const greater: (a: Operand, b: Operand) => Tensor = build2(greaterOp);
/** a < b, bool */
export const less: (a: Operand, b: Operand) => Tensor = build2(lessOp);
/** a ≥ b, bool */
export const greaterEqual: (a: Operand, b: Operand) => Tensor = build2(greaterEqualOp);
/** a ≤ b, bool */
export const lessEqual: (a: Operand, b: Operand) => Tensor = build2(lessEqualOp);
/** a ∧ b of bool tensors */
export const and: (a: Tensor, b: Tensor) => Tensor = build2(andOp);
/** a ∨ b of bool tensors */
export const or: (a: Tensor, b: Tensor) => Tensor = build2(orOp);

/** condition ? a : b, broadcast; the condition is bool. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  return apply1(whereOp, [condition, ...tensors([a, b])], {});
}

/** −x */
export function neg(x: Tensor): Tensor {
  return apply1(negOp, [x], {});
}

/** ln x */
export function log(x: Tensor): Tensor {
  return apply1(logOp, [x], {});
}
