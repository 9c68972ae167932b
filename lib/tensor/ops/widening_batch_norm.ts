/** A 1×1 convolution to many more channels followed by batch norm, without a pass over its output. */

import { elementCount } from "../host_tensor.ts";
import { checked, composite, Mismatch, type Tensor } from "../op.ts";
import { add, div, maximum, mul, neg, sub } from "./arithmetic.ts";
import { channelSum, requireSeveralValues } from "./batch_norm.ts";
import { sum } from "./broadcast.ts";
import { rowsOf } from "./channels_last.ts";
import { rsqrt } from "./elementwise.ts";
import { gemm } from "./gemm.ts";
import { reshape } from "./shape.ts";

export interface WideningBatchNorm {
  readonly y: Tensor;
  /** Mean and biased variance of the convolution's output. */
  readonly average: Tensor;
  readonly variance: Tensor;
}

/**
 * Batch norm, by the batch's statistics, of the convolution of x [N, H, W, ci] with weight [co, ci, 1, 1].
 *
 * Let X be the centred rows of x and G = XᵀX. The convolution's output W·X has the variances diag(W·G·Wᵀ)/n,
 * and the normalised output is one product with a scaled W. The gradients are products with G and X as well.
 * This costs 2·(ci/co) of a convolution's products and saves eleven passes over its output, which is faster
 * if co is several times ci.
 *
 * @param norm weight and bias [co]
 * @throws {GraphError} if the shapes do not match, or a channel has only one value.
 */
export function wideningBatchNorm(
  x: Tensor,
  weight: Tensor,
  norm: { readonly weight: Tensor; readonly bias: Tensor; readonly eps?: number },
): WideningBatchNorm {
  const { bias, eps = 1e-5 } = norm;
  return checked("widening_batch_norm", [x, weight, norm.weight, bias], { eps }, () => {
    const [out, channels, ...kernel] = weight.shape;
    if (x.shape.length !== 4 || x.shape[3] !== channels || kernel.join() !== "1,1") {
      throw new Mismatch("needs x [N, H, W, ci] and a weight [co, ci, 1, 1]");
    }
    const count = elementCount(x.shape) / channels;
    requireSeveralValues(count);
    const matrix = reshape(weight, [out, channels]);
    const centre = div(channelSum(x, 3), count);
    const centred = sub(rowsOf(x), centre);
    const spread = gemm(matrix, gemm(centred, centred, { transposeA: true }));
    // For a constant channel, rounding can give a value slightly below 0.
    const variance = maximum(div(rowDots(spread, matrix), count), 0);
    const inverse = rsqrt(add(variance, eps));
    const scale = mul(norm.weight, inverse);
    const scaled = mul(matrix, column(scale));
    const shape = [...x.shape.slice(0, 3), out];
    const lower = () => [reshape(gemm(centred, scaled, { transposeB: true, bias }), shape)];
    const inputs = [x, weight, norm.weight, bias];
    const [y] = composite("widening_batch_norm", inputs, lower, ({ cotangents: [dy], wanted }) => {
      const rows = rowsOf(dy!);
      const biasGradient = channelSum(dy!, 3);
      const product = gemm(rows, centred, { transposeA: true });
      const normGradient = mul(rowDots(product, matrix), inverse);
      // scale · (dy − Σdy/n − x̂·Σ(dy·x̂)/n), as in batch norm, but computed with W·X instead of x̂.
      const slope = mul(mul(scale, inverse), div(normGradient, count));
      const xGradient = () => {
        const square = gemm(matrix, mul(matrix, column(slope)), { transposeA: true });
        const shift = gemm(row(mul(scale, div(biasGradient, count))), matrix);
        const correction = gemm(centred, neg(square), { bias: neg(reshape(shift, [channels])) });
        return reshape(add(gemm(rows, scaled), correction), x.shape);
      };
      const weightGradient = () =>
        reshape(sub(mul(product, column(scale)), mul(spread, column(slope))), weight.shape);
      return [
        wanted[0] ? xGradient() : undefined,
        wanted[1] ? weightGradient() : undefined,
        normGradient,
        biasGradient,
      ];
    });
    const average = reshape(gemm(row(centre), matrix, { transposeB: true }), [out]);
    return { y, average, variance };
  });
}

/** Σ a·b along every row. */
function rowDots(a: Tensor, b: Tensor): Tensor {
  return sum(mul(a, b), { axes: [1] });
}

function row(x: Tensor): Tensor {
  return reshape(x, [1, -1]);
}

function column(x: Tensor): Tensor {
  return reshape(x, [-1, 1]);
}
