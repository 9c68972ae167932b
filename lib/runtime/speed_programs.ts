/** The programs that the speed of a device is measured by. */

import { gradients } from "../tensor/grad.ts";
import { type Program, program } from "../tensor/graph.ts";
import { add, mul } from "../tensor/ops/arithmetic.ts";
import { sum } from "../tensor/ops/broadcast.ts";
import { convChannelsLast } from "../tensor/ops/channels_last.ts";
import { conv2d } from "../tensor/ops/conv.ts";
import { relu, square } from "../tensor/ops/elementwise.ts";
import { gemm } from "../tensor/ops/gemm.ts";
import { imageConv } from "../tensor/ops/image_conv.ts";
import { imageWeightGradient } from "../tensor/ops/image_conv_gradients.ts";
import { transpose } from "../tensor/ops/shape.ts";
import { pad, slice } from "../tensor/ops/slice.ts";
import { input } from "../tensor/ops/source.ts";
import type { OperationKind } from "../tensor/program_cost.ts";

const NETWORK_DEPTH = 12;

/** The programs that each operation is measured by, from the smallest to the size of a block of a ResNet-50. */
export const PROGRAMS: Readonly<Record<OperationKind, readonly (() => Program)[]>> = {
  product: [
    () => products(64, 8, 8),
    () => products(4096, 16, 4),
    () => products(16_384, 64, 2),
    () => products(12_544, 256, 1),
  ],
  convolution: [
    () => convolutions(1, 8, 8, 16),
    () => convolutions(16, 16, 16, 4),
    () => convolutions(64, 32, 16, 2),
    () => convolutions(16, 128, 28, 2),
  ],
  image: [() => firstConvolution(16, 64, 16), () => firstConvolution(16, 224, 64)],
  // The last ones fit no cache.
  pass: [() => passes(1000), () => passes(60_000), () => passes(4_000_000)],
  move: [() => moves(1), () => moves(16), () => moves(1024)],
};
const PASSES_IN_A_ROW = 16;
const MOVES_IN_A_ROW = 12;

/** Some hundred steps, as many as a small network has: convolutions with all their gradients. */
export function smallNetwork(): Program {
  const [channels, side] = [4, 8];
  const x = input("x", "float32", [1, channels, side, side]);
  const weights = Array.from(
    { length: NETWORK_DEPTH },
    (_, i) => input(`w${i}`, "float32", [channels, channels, 3, 3]),
  );
  const y = weights.reduce((map, weight) => relu(conv2d(map, weight, { padding: 1 })), x);
  const loss = sum(square(y));
  const found = gradients(loss, [x, ...weights]);
  return program({ loss, ...Object.fromEntries(found.map((gradient, i) => [`g${i}`, gradient])) });
}

/** The smallest program. */
export function onePass(): Program {
  return passes(1);
}

/** The products of 1×1 convolutions and of their gradients. */
function products(rows: number, columns: number, depth: number): Program {
  const x = input("x", "float32", [rows, columns]);
  let y = x;
  for (let i = 0; i < depth; i++) {
    const weight = input(`w${i}`, "float32", [columns, columns]);
    y = gemm(gemm(y, weight, { transposeB: true }), weight);
  }
  return program({ gradient: gemm(x, y, { transposeA: true }) });
}

/** Convolutions in the form that networks have. */
function convolutions(views: number, channels: number, side: number, depth: number): Program {
  let y = input("x", "float32", [views, side, side, channels]);
  for (let i = 0; i < depth; i++) {
    y = convChannelsLast(y, input(`w${i}`, "float32", [channels, channels, 3, 3]), { padding: 1 });
  }
  return program({ y });
}

/** The first convolution of a ResNet, and the gradient of its weight. */
function firstConvolution(views: number, side: number, channels: number): Program {
  const x = input("x", "float32", [views, 3, side, side]);
  const y = imageConv(x, input("w", "float32", [channels, 3, 7, 7]), { stride: 2, padding: 3 });
  return program({ gradient: imageWeightGradient(x, y, [7, 7], { stride: [2, 2], padding: [3, 3] }) });
}

/** Passes over a tensor. */
function passes(elements: number): Program {
  const x = input("x", "float32", [elements]);
  const [scale, shift] = [input("scale", "float32", [1]), input("shift", "float32", [elements])];
  let y = x;
  for (let i = 0; i < PASSES_IN_A_ROW / 4; i++) y = relu(add(add(mul(y, scale), shift), x));
  return program({ y });
}

/** Maps that are padded, cut and turned, as the gradients of convolutions and of pooling do. */
function moves(views: number): Program {
  const side = 16;
  let y = input("x", "float32", [views, side, side, side]);
  for (let i = 0; i < MOVES_IN_A_ROW / 3; i++) {
    const padded = pad(y, [[0, 0], [1, 1], [1, 1], [0, 0]]);
    y = transpose(slice(padded, { axes: [1, 2], starts: [0, 0], ends: [side, side] }), [0, 3, 1, 2]);
  }
  return program({ y });
}
