/** The first convolution of a network: from an image [N, ci, H, W] of few channels into [N, H', W', co]. */

import { apply1, defineOp, type Tensor, type TensorType } from "../op.ts";
import { emptyValues } from "../values.ts";
import type { ChannelsLastConvOptions } from "./channels_last.ts";
import { type ConvGeometry, convType, type Pair, pair } from "./conv_geometry.ts";
import { reshaped, transposed } from "./emitted_shapes.ts";
import { forEachImageTap, imageInputGradient, imageWeightGradient } from "./image_conv_gradients.ts";

const convOp = defineOp<ConvGeometry>({
  name: "image_conv2d",
  infer: (types, geometry) => [convType(types, 1, geometry)],
  vjp: ({ inputs: [x, weight], attributes, cotangents: [dy], wanted }) => [
    wanted[0] ? imageInputGradient(dy!, weight, x.shape, attributes) : undefined,
    wanted[1] ? imageWeightGradient(x, dy!, kernelOf(weight), attributes) : undefined,
  ],
  interpret([x, weight], geometry, [{ shape }]) {
    const y = emptyValues(shape);
    forEachImageTap(x, weight.shape, shape, geometry, (atX, atWeight, atY) => {
      y.data[atY] += x.data[atX] * weight.data[atWeight];
    });
    return [y];
  },
  forms([, { shape: [out, channels] }], { channelBlock: block }) {
    const fits = block !== undefined && out % block === 0 && channels < block;
    return fits ? ["blocked", "channels first"] : ["channels first"];
  },
  emit(to, { inputs: [x, weight], outputs: [y], attributes: { stride, padding }, inputTypes, form }) {
    const [out, channels, ...kernel] = inputTypes[1].shape;
    const geometry = { kernel_shape: kernel, strides: stride, pads: [...padding, ...padding] };
    const made = to.fresh();
    if (form === "blocked") {
      const block = to.target.channelBlock!;
      const byBlock = reshaped(to, weight, [out / block, block, channels * kernel[0] * kernel[1]]);
      const reordered = reshaped(to, transposed(to, byBlock, [0, 2, 1]), inputTypes[1].shape);
      to.node("com.microsoft.nchwc.Conv", [x, reordered], [made], geometry);
      to.node("com.microsoft.nchwc.ReorderOutput", [made], [y], { channels: out, channels_last: 1 });
    } else {
      to.node("Conv", [x, weight], [made], geometry);
      to.node("Transpose", [made], [y], { perm: [0, 2, 3, 1] });
    }
  },
});

function kernelOf({ shape: [, , height, width] }: TensorType): Pair {
  return [height, width];
}

/**
 * Cross-correlation of an image x [N, ci, H, W] with weight [co, ci, kh, kw]; the result is [N, H', W', co].
 *
 * @throws {GraphError} if the shapes do not match.
 */
export function imageConv(
  x: Tensor,
  weight: Tensor,
  { stride = 1, padding = 0 }: ChannelsLastConvOptions = {},
): Tensor {
  return apply1(convOp, [x, weight], { stride: pair(stride), padding: pair(padding) });
}
