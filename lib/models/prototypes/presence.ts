/** The presence matrix of ProtoPool, by which the slots of classes select prototypes, and its Gumbel noise. */

import { buffer, type TensorSpec } from "../../nn/tensor_spec.ts";
import { elementCount, float32, type HostTensor } from "../../tensor/host_tensor.ts";
import type { Tensor } from "../../tensor/op.ts";
import { equal, mul, where } from "../../tensor/ops/arithmetic.ts";
import { gumbelSoftmax } from "../../tensor/ops/softmax.ts";
import { RandomStream } from "../../tensor/random.ts";
import type { BatchPlace } from "./prototype_model.ts";

/** The logits of the presence matrix, [classes, P, slots]. */
export const PRESENCE = "proto_presence";
/** The extra input with Gumbel noise, [classes, P, slots]. */
export const NOISE = "gumbel";
/** The extra input with {@link gumbelScalar}. */
export const SCALAR = "gumbel_scalar";
/** The factor of the presence logits in predictions and explanations. */
export const FINAL_SCALAR = 1000;

/** The temperature of the presence matrix, which falls from `tau_start` to `tau_end`; see {@link gumbelScalar}. */
export interface Temperature {
  readonly tau_start: number;
  readonly tau_end: number;
  readonly decreasing_interval: number;
}

/** The extra inputs of a model with a presence matrix of `shape`. */
export function presenceInputs(shape: readonly number[]): TensorSpec[] {
  return [buffer(NOISE, shape), buffer(SCALAR, [])];
}

/** The values of {@link presenceInputs}. */
export function presenceValues(
  shape: readonly number[],
  place: BatchPlace,
  { tau_start: start, tau_end: end, decreasing_interval: interval }: Temperature,
): Record<string, HostTensor> {
  return {
    [NOISE]: gumbelNoise(shape, place),
    [SCALAR]: float32([], [gumbelScalar(place.epoch, { start, end, interval })]),
  };
}

/**
 * The reference's `scalar` in an epoch, counted from 0 over all phases: 0 in the first epoch, then
 * clip(√((1/end)²/interval·(epoch − 1))/start, 1/start, 1/end).
 */
export function gumbelScalar(
  epoch: number,
  { start, end, interval }: { start: number; end: number; interval: number },
): number {
  if (epoch === 0) return 0;
  const [from, to] = [1 / start, 1 / end];
  const value = from * Math.sqrt((to / from) ** 2 / interval * (epoch - 1));
  return Math.min(Math.max(value, from), to);
}

/** Gumbel noise −ln E, E exponentially distributed with mean 1, drawn independently for each place. */
function gumbelNoise(
  shape: readonly number[],
  { seed, purpose, epoch, index }: BatchPlace,
): HostTensor<"float32"> {
  const noise = new Float32Array(elementCount(shape));
  new RandomStream({ seed, purpose: `gumbel ${purpose}`, epoch, index }).fillUniform(noise);
  // The smallest step of a uniform number keeps both logarithms finite at 0.
  return float32(shape, noise.map((uniform) => -Math.log(-Math.log(uniform + 2 ** -25))));
}

/**
 * The presence matrix of logits Q [classes, P, slots]: the softmax over prototypes of Q·scalar + noise, or of
 * Q if `scalar` is 0.
 */
export function presenceOf(logits: Tensor, noise: Tensor, scalar: Tensor): Tensor {
  const plain = equal(scalar, 0);
  const factor = where(plain, 1, scalar);
  return gumbelSoftmax(mul(logits, factor), where(plain, 0, noise), { axis: 1 });
}
