/** Layer normalisation. */

import { apply1, checked, composite, defineOp, Mismatch, type Tensor } from "../op.ts";
import { float } from "../onnx/attribute.ts";
import { normalizeAxis } from "../values.ts";
import { add, mul, sub } from "./arithmetic.ts";
import { sum } from "./broadcast.ts";
import { rsqrt, square } from "./elementwise.ts";
import { mean } from "./reduce.ts";
import { reshape } from "./shape.ts";

export interface LayerNormOptions {
  weight: Tensor;
  bias: Tensor;
  axis?: number;
  eps?: number;
}

/**
 * Layer normalisation over the last axis, for which ONNX Runtime needs two passes instead of nine.
 * Differentiated as a composite.
 */
const lastAxisOp = defineOp<{ eps: number }>({
  name: "layer_norm_last_axis",
  infer: ([x]) => [x],
  interpret([x, weight, bias], { eps }) {
    const length = weight.data.length;
    const y = new Float64Array(x.data.length);
    for (let start = 0; start < y.length; start += length) {
      const row = x.data.subarray(start, start + length);
      const centre = row.reduce((a, b) => a + b, 0) / length;
      const variance = row.reduce((a, b) => a + (b - centre) ** 2, 0) / length;
      row.forEach((value, i) =>
        y[start + i] = (value - centre) / Math.sqrt(variance + eps) * weight.data[i] + bias.data[i]
      );
    }
    return [{ shape: x.shape, data: y }];
  },
  emit: (to, { inputs, outputs, attributes: { eps } }) =>
    to.node("LayerNormalization", inputs, outputs, { epsilon: float(eps), axis: -1 }),
});

/** (x − mean) / √(biased variance + eps) · weight + bias over one axis, the last by default (arXiv:1607.06450). */
export function layerNorm(x: Tensor, { weight, bias, axis = -1, eps = 1e-5 }: LayerNormOptions): Tensor {
  return checked("layer_norm", [x, weight, bias], { axis, eps }, () => {
    const at = normalizeAxis(axis, x.shape.length);
    if ([weight, bias].some(({ shape }) => shape.join() !== String(x.shape[at]))) {
      throw new Mismatch(`weight and bias must be [${x.shape[at]}]`);
    }
    return normalizeAlong(x, weight, bias, at, eps);
  });
}

function normalizeAlong(x: Tensor, weight: Tensor, bias: Tensor, axis: number, eps: number): Tensor {
  const along = (perElement: Tensor) =>
    reshape(perElement, [x.shape[axis], ...x.shape.slice(axis + 1).map(() => 1)]);
  const over = { axes: [axis], keepdim: true };
  const centred = sub(x, mean(x, over));
  const inverse = rsqrt(add(mean(square(centred), over), eps));
  const normalized = mul(centred, inverse);
  const lower = () => [
    axis === x.shape.length - 1
      ? apply1(lastAxisOp, [x, weight, bias], { eps })
      : add(mul(normalized, along(weight)), along(bias)),
  ];
  return composite("layer_norm", [x, weight, bias], lower, ({ cotangents: [dy], wanted }) => {
    const others = [...x.shape.keys()].filter((i) => i !== axis);
    const scaled = mul(dy!, along(weight));
    const projected = mul(normalized, mean(mul(scaled, normalized), over));
    return [
      wanted[0] ? mul(sub(sub(scaled, mean(scaled, over)), projected), inverse) : undefined,
      wanted[1] ? sum(mul(dy!, normalized), { axes: others }) : undefined,
      wanted[2] ? sum(dy!, { axes: others }) : undefined,
    ];
  })[0];
}
