/** Max pooling over [N, H, W, C]. */

import { composite, type Tensor } from "../op.ts";
import { add, and, equal, mul, or } from "./arithmetic.ts";
import { toChannelsFirst, toChannelsLast } from "./channels_last.ts";
import { type Pair, pair } from "./conv_geometry.ts";
import { tapReads } from "./conv_weight_gradient.ts";
import { cast, not } from "./elementwise.ts";
import { maxPool2d, type PoolOptions } from "./pool.ts";
import { interleave, pad, slice } from "./slice.ts";
import { zeros } from "./source.ts";

/**
 * The largest element of every window of x [N, H, W, C]. The gradient goes to the first of ties in row-major
 * order; a window with only NaN or −∞ has no gradient.
 */
export function maxPoolChannelsLast(x: Tensor, options: PoolOptions): Tensor {
  const lower = () => [toChannelsLast(maxPool2d(toChannelsFirst(x), options).values)];
  const [y] = composite("max_pool_channels_last", [x], lower, ({ outputs: [y], cotangents: [dy] }) => {
    const kernel = pair(options.kernel);
    const stride = pair(options.stride ?? options.kernel);
    return [inputGradient(x, y, dy!, kernel, stride, pair(options.padding ?? 0))];
  });
  return y;
}

/** Computed for each tap, because kernels that return indices are 20 times slower. */
function inputGradient(x: Tensor, y: Tensor, dy: Tensor, kernel: Pair, stride: Pair, padding: Pair): Tensor {
  const around = padding.map((n): [number, number] => [n, n]);
  const padded = pad(x, [[0, 0], ...around, [0, 0]], -Infinity);
  const reads = tapReads(padded, [1, 2], kernel, y.shape.slice(1, 3), { stride, dilation: [1, 1] });
  let taken: Tensor | undefined;
  const shares = Array.from(reads, (read) => {
    const largest = equal(read, y);
    const first = taken ? and(largest, not(taken)) : largest;
    taken = taken ? or(taken, largest) : largest;
    return mul(dy, cast(first, "float32"));
  });
  const spread = spreadTaps(shares, kernel, stride, padded.shape);
  return slice(spread, {
    axes: [1, 2],
    starts: padding,
    ends: padding.map((n, i) => n + x.shape[1 + i]),
  });
}

/** Adds every tap's gradient [N, H', W', C] at the positions of the padded input that the tap reads. */
function spreadTaps(
  shares: readonly Tensor[],
  kernel: Pair,
  stride: Pair,
  [batch, height, width, channels]: readonly number[],
): Tensor {
  const size = [height, width].map((length, i) => Math.ceil(length / stride[i]));
  const phase = (vertical: number, horizontal: number) => {
    let total: Tensor | undefined;
    // From the last tap to the first, so that gradients are added in the order of the windows.
    for (let tap = shares.length - 1; tap >= 0; tap--) {
      const at = [Math.floor(tap / kernel[1]), tap % kernel[1]];
      if (at[0] % stride[0] !== vertical || at[1] % stride[1] !== horizontal) continue;
      const around = at.map((n, i): [number, number] => {
        const before = Math.floor(n / stride[i]);
        return [before, size[i] - before - shares[tap].shape[1 + i]];
      });
      const placed = pad(shares[tap], [[0, 0], ...around, [0, 0]]);
      total = total ? add(total, placed) : placed;
    }
    return total ?? zeros([batch, size[0], size[1], channels]);
  };
  const rows = Array.from(
    { length: stride[0] },
    (_, vertical) =>
      interleave(Array.from({ length: stride[1] }, (_, horizontal) => phase(vertical, horizontal)), 2),
  );
  return interleave(rows, 1);
}
