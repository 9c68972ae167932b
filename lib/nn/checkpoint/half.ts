/** Half-precision values as float32, from their bit patterns. */

import { float32, type HostTensor } from "../../tensor/host_tensor.ts";

/** The value of an IEEE 754 binary16 bit pattern. */
export function float16Value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** A tensor of any floating-point or integer type as float32, rounded where float32 has fewer digits. */
export function asFloat32(tensor: HostTensor): HostTensor<"float32"> {
  const { dtype, shape, data } = tensor;
  if (dtype === "float32") return tensor as HostTensor<"float32">;
  if (dtype === "float16") return float32(shape, Float32Array.from(data as Uint16Array, float16Value));
  if (dtype === "bfloat16") {
    // A bfloat16 is the upper half of a float32.
    const words = Uint32Array.from(data as Uint16Array, (bits) => bits << 16);
    return float32(shape, new Float32Array(words.buffer));
  }
  return float32(shape, Float32Array.from(data as ArrayLike<number | bigint>, Number));
}
