/**
 * Multi-head attention by an operator of ONNX Runtime that never holds the whole matrix of scores in memory.
 */

import { apply1, checked, composite, defineOp, Mismatch, type Tensor, type Values } from "../op.ts";
import { float } from "../onnx/attribute.ts";
import { emptyValues } from "../values.ts";
import { mul, sub } from "./arithmetic.ts";
import { sum } from "./broadcast.ts";
import { matmul } from "./matmul.ts";
import { matrixTranspose, reshape, transpose } from "./shape.ts";
import { softmax } from "./softmax.ts";

interface HeadAttributes {
  heads: number;
  scale: number;
}

/**
 * Reads a tensor whose rows are concatenated heads; `at(row, head)` is the position of the first element of a
 * head.
 */
function headReader({ shape: [, length, width] }: Values, batch: number, heads: number) {
  return (row: number, head: number) => (batch * length + row) * width + head * (width / heads);
}

/** Computes one query's attention to all keys of its head and adds the result to `out`, starting at `to`. */
function attend(
  [q, k, v]: readonly Values[],
  { heads, scale }: HeadAttributes,
  [batch, row, head]: readonly [number, number, number],
  out: Float64Array,
  to: number,
): void {
  const [width, valueWidth] = [q.shape[2] / heads, v.shape[2] / heads];
  const [atQ, atK, atV] = [q, k, v].map((x) => headReader(x, batch, heads));
  const scores = Float64Array.from({ length: k.shape[1] }, (_, key) => {
    let score = 0;
    for (let i = 0; i < width; i++) score += q.data[atQ(row, head) + i] * k.data[atK(key, head) + i];
    return score * scale;
  });
  const largest = Math.max(...scores);
  const weights = scores.map((score) => Math.exp(score - largest));
  const total = weights.reduce((a, b) => a + b, 0);
  weights.forEach((weight, key) => {
    for (let i = 0; i < valueWidth; i++) out[to + i] += weight / total * v.data[atV(key, head) + i];
  });
}

const attentionOp = defineOp<HeadAttributes>({
  name: "multi_head_attention_kernel",
  infer: ([q, , v]) => [{ dtype: q.dtype, shape: [q.shape[0], q.shape[1], v.shape[2]] }],
  interpret(inputs, attributes, [{ shape }]) {
    const y = emptyValues(shape);
    const [batches, rows] = shape;
    for (let batch = 0; batch < batches; batch++) {
      for (let row = 0; row < rows; row++) {
        for (let head = 0; head < attributes.heads; head++) {
          const to = headReader(y, batch, attributes.heads)(row, head);
          attend(inputs, attributes, [batch, row, head], y.data, to);
        }
      }
    }
    return [y];
  },
  emit: (to, { inputs, outputs, attributes: { heads, scale } }) =>
    to.node("com.microsoft.MultiHeadAttention", inputs, outputs, { num_heads: heads, scale: float(scale) }),
});

function splitHeads(x: Tensor, heads: number): Tensor {
  const [batch, length, width] = x.shape;
  return transpose(reshape(x, [batch, length, heads, width / heads]), [0, 2, 1, 3]);
}

function joinHeads(x: Tensor): Tensor {
  const [batch, heads, length, width] = x.shape;
  return reshape(transpose(x, [0, 2, 1, 3]), [batch, length, heads * width]);
}

/**
 * softmax(q·kᵀ·scale)·v for every head; the last axis holds the concatenated heads (Vaswani et al. 2017).
 *
 * @param q [B, Lq, heads·E]
 * @param k [B, Lk, heads·E]
 * @param v [B, Lk, heads·Ev]
 * @returns [B, Lq, heads·Ev]
 * @throws {GraphError} if the shapes do not match.
 */
export function multiHeadAttention(q: Tensor, k: Tensor, v: Tensor, attributes: HeadAttributes): Tensor {
  const { heads, scale } = attributes;
  return checked("multi_head_attention", [q, k, v], attributes, () => {
    if ([q, k, v].some(({ dtype, shape }) => dtype !== "float32" || shape.length !== 3)) {
      throw new Mismatch("q, k and v must be float32 [B, L, width]");
    }
    if (q.shape[0] !== k.shape[0] || k.shape.slice(0, 2).join() !== v.shape.slice(0, 2).join()) {
      throw new Mismatch("q, k and v must have the same batch size, and k and v the same length");
    }
    if (q.shape[2] !== k.shape[2] || [q, v].some(({ shape }) => shape[2] % heads !== 0)) {
      throw new Mismatch(
        `q and k must have the same width, and all widths must be multiples of ${heads}, the number of heads`,
      );
    }
    const lower = () => [apply1(attentionOp, [q, k, v], attributes)];
    return composite("multi_head_attention", [q, k, v], lower, ({ cotangents: [dy], wanted }) => {
      const [queries, keys, values, dyHeads] = [q, k, v, dy!].map((x) => splitHeads(x, heads));
      const weights = softmax(mul(matmul(queries, matrixTranspose(keys)), scale), -1);
      const dWeights = matmul(dyHeads, matrixTranspose(values));
      const weighted = mul(dWeights, weights);
      const dScores = mul(sub(weighted, mul(weights, sum(weighted, { axes: [-1], keepdim: true }))), scale);
      return [
        wanted[0] ? joinHeads(matmul(dScores, keys)) : undefined,
        wanted[1] ? joinHeads(matmul(matrixTranspose(dScores), queries)) : undefined,
        wanted[2] ? joinHeads(matmul(matrixTranspose(weights), dyHeads)) : undefined,
      ];
    })[0];
  });
}
