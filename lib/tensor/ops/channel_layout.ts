/** The layout in which operations of a map with a value for each channel are fastest. */

import { elementCount } from "../host_tensor.ts";
import type { Tensor } from "../op.ts";
import { tile } from "./broadcast.ts";
import { reshape } from "./shape.ts";

/** A map x and tensors [C], as operands that broadcast. */
export interface ChannelLayout {
  /** x in this layout. */
  open(x: Tensor): Tensor;
  /** A result in this layout, in the shape of x. */
  close(result: Tensor): Tensor;
  /** A tensor [C], so that it broadcasts along the channels of x in this layout. */
  along(perChannel: Tensor): Tensor;
}

/** onnxruntime goes over a broadcast operand from its begin for every row: below so many elements that is most of the time. */
const LONG_ROW = 256;
/** From rows of so many channels on, a longer row gains little. */
const MOST_CHANNELS = 64;
/** With fewer rows, repeating the operand costs as much as is gained. */
const FEWEST_ROWS = 4096;

/**
 * Few channels on the last axis are repeated to rows of several positions: an operation of [80, 32, 32, 16] with [16] takes a
 * fifth of the time as one of [2560, 512] with [512]. The results are the same bits.
 *
 * @param axis the axis of the channels
 */
export function channelLayout(shape: readonly number[], axis: number): ChannelLayout {
  const channels = shape[axis];
  const count = elementCount(shape);
  let from = axis;
  let length = channels;
  if (axis === shape.length - 1 && channels <= MOST_CHANNELS && count / channels >= FEWEST_ROWS) {
    while (length < LONG_ROW && from > 1) length *= shape[--from];
  }
  if (length === channels) {
    const ones = shape.slice(axis + 1).map(() => 1);
    return {
      open: (x) => x,
      close: (result) => result,
      along: (perChannel) => reshape(perChannel, [channels, ...ones]),
    };
  }
  return {
    open: (x) => reshape(x, [count / length, length]),
    close: (result) => reshape(result, shape),
    along: (perChannel) => reshape(tile(perChannel, [length / channels]), [1, length]),
  };
}
