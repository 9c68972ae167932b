/**
 * The product of two matrices plus a bias. Either matrix can be read transposed, without a transposed copy.
 */

import { apply1, defineOp, Mismatch, type Tensor, type Values } from "../op.ts";
import { emptyValues } from "../values.ts";
import { sumTo } from "./broadcast.ts";

interface GemmAttributes {
  transposeA: boolean;
  transposeB: boolean;
}

/** Rows and columns of a matrix, after transposition if it is read transposed. */
function sides({ shape }: { shape: readonly number[] }, transposed: boolean): [number, number] {
  return transposed ? [shape[1], shape[0]] : [shape[0], shape[1]];
}

function reader({ shape, data }: Values, transposed: boolean): (row: number, column: number) => number {
  const [, columns] = shape;
  return transposed
    ? (row, column) => data[column * columns + row]
    : (row, column) => data[row * columns + column];
}

const gemmOp = defineOp<GemmAttributes>({
  name: "gemm",
  infer([a, b, bias], { transposeA, transposeB }) {
    if (a.dtype !== "float32" || b.dtype !== "float32") throw new Mismatch("needs float32");
    if (a.shape.length !== 2 || b.shape.length !== 2) throw new Mismatch("needs two matrices");
    const [rows, inner] = sides(a, transposeA);
    const [innerB, columns] = sides(b, transposeB);
    if (inner !== innerB) {
      throw new Mismatch(`the left side has ${inner} columns, but the right side has ${innerB} rows`);
    }
    if (bias && (bias.dtype !== "float32" || bias.shape.join() !== String(columns))) {
      throw new Mismatch(`the bias must be float32[${columns}]`);
    }
    return [{ dtype: a.dtype, shape: [rows, columns] }];
  },
  vjp({ inputs: [a, b, bias], attributes: { transposeA, transposeB }, cotangents: [dy], wanted }) {
    const left = () =>
      transposeA
        ? gemm(b, dy!, { transposeA: transposeB, transposeB: true })
        : gemm(dy!, b, { transposeB: !transposeB });
    const right = () =>
      transposeB
        ? gemm(dy!, a, { transposeA: true, transposeB: transposeA })
        : gemm(a, dy!, { transposeA: !transposeA });
    return [
      wanted[0] ? left() : undefined,
      wanted[1] ? right() : undefined,
      wanted[2] ? sumTo(dy!, bias.shape) : undefined,
    ];
  },
  interpret([a, b, bias], { transposeA, transposeB }, [{ shape }]) {
    const y = emptyValues(shape);
    const [rows, columns] = shape;
    const [, inner] = sides(a, transposeA);
    const [readA, readB] = [reader(a, transposeA), reader(b, transposeB)];
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        y.data[row * columns + column] = bias?.data[column] ?? 0;
        for (let k = 0; k < inner; k++) y.data[row * columns + column] += readA(row, k) * readB(k, column);
      }
    }
    return [y];
  },
  emit: (to, { inputs, outputs, attributes: { transposeA, transposeB } }) =>
    to.node("Gemm", inputs, outputs, { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 }),
});

export interface GemmOptions extends Partial<GemmAttributes> {
  /** [columns of the product], added to every row. */
  bias?: Tensor;
}

/** a·b + bias for matrices; `transposeA` and `transposeB` select which of them is read transposed. */
export function gemm(
  a: Tensor,
  b: Tensor,
  { transposeA = false, transposeB = false, bias }: GemmOptions = {},
): Tensor {
  return apply1(gemmOp, bias ? [a, b, bias] : [a, b], { transposeA, transposeB });
}
