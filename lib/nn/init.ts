/** Initial values of parameters: the distributions of PyTorch's initialisers, and tensors drawn from them. */

import { elementCount, float32, type HostTensor } from "../tensor/host_tensor.ts";
import { RandomStream } from "../tensor/random.ts";

/** A distribution of initial values. */
export type Distribution =
  | { readonly distribution: "normal"; readonly mean: number; readonly std: number }
  | {
    readonly distribution: "uniform";
    readonly mean: number;
    readonly std: number;
    readonly low: number;
    readonly high: number;
  };

/** Fans of a weight [out, in, kernel…]: the number of inputs of each output, and of outputs of each input. */
export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

export type FanMode = "fan_in" | "fan_out";
export type Nonlinearity = "linear" | "sigmoid" | "tanh" | "relu" | "leaky_relu" | "selu";

/**
 * fan_in = shape[1] · Π shape[2…], fan_out = shape[0] · Π shape[2…].
 *
 * @throws {RangeError} if there are fewer than two axes, because fans are then undefined.
 */
export function fans(shape: readonly number[]): Fans {
  if (shape.length < 2) {
    throw new RangeError(`fans need a weight of at least two axes, but the shape is [${shape}]`);
  }
  const receptive = elementCount(shape.slice(2));
  return { fanIn: shape[1] * receptive, fanOut: shape[0] * receptive };
}

/** The gain that compensates for a nonlinearity's effect on the standard deviation; `a` is leaky ReLU's negative slope. */
export function gainOf(nonlinearity: Nonlinearity, a = 0.01): number {
  switch (nonlinearity) {
    case "linear":
    case "sigmoid":
      return 1;
    case "tanh":
      return 5 / 3;
    case "relu":
      return Math.SQRT2;
    case "leaky_relu":
      return Math.sqrt(2 / (1 + a * a));
    case "selu":
      return 3 / 4;
  }
}

/**
 * N(mean, std²).
 *
 * @throws {RangeError} if `std` is negative or NaN.
 */
export function normal(mean: number, std: number): Distribution {
  if (!(std >= 0)) throw new RangeError(`a standard deviation must be at least 0, but is ${std}`);
  return { distribution: "normal", mean, std };
}

/** U[low, high). */
export function uniform(low: number, high: number): Distribution {
  if (!(low <= high)) throw new RangeError(`U[low, high) needs low ≤ high, but they are ${low} and ${high}`);
  return { distribution: "uniform", mean: (low + high) / 2, std: (high - low) / Math.sqrt(12), low, high };
}

/** He et al. 2015: N(0, gain²/fan). */
export function kaimingNormal(
  shape: readonly number[],
  { mode = "fan_in", nonlinearity = "leaky_relu", a = 0 }: {
    mode?: FanMode;
    nonlinearity?: Nonlinearity;
    a?: number;
  } = {},
): Distribution {
  return normal(0, gainOf(nonlinearity, a) / Math.sqrt(fanOf(shape, mode)));
}

/** He et al. 2015: U[−b, b) with b = √(2/(1+a²)) · √(3/fan), for leaky ReLU of slope `a`. */
export function kaimingUniform(
  shape: readonly number[],
  { mode = "fan_in", a = 0 }: { mode?: FanMode; a?: number } = {},
): Distribution {
  return symmetric(gainOf("leaky_relu", a) * Math.sqrt(3 / fanOf(shape, mode)));
}

/** Glorot and Bengio 2010: N(0, gain² · 2/(fan_in + fan_out)). */
export function xavierNormal(shape: readonly number[], gain = 1): Distribution {
  const { fanIn, fanOut } = fans(shape);
  return normal(0, gain * Math.sqrt(2 / (fanIn + fanOut)));
}

/** PyTorch's default for weights of convolutions and linear layers: Kaiming uniform with a = √5, b = 1/√fan_in. */
export function defaultWeight(shape: readonly number[]): Distribution {
  return kaimingUniform(shape, { a: Math.sqrt(5) });
}

/** PyTorch's default for the bias beside a weight of `weightShape`: U[−b, b) with b = 1/√fan_in. */
export function defaultBias(weightShape: readonly number[]): Distribution {
  return symmetric(1 / Math.sqrt(fans(weightShape).fanIn));
}

/**
 * A tensor of `shape` for the parameter `name`, with values drawn from `distribution`. The values depend only
 * on (seed, name), so a parameter has the same initial values in every model.
 */
export function draw(
  distribution: Distribution,
  shape: readonly number[],
  { seed, name }: { seed: number; name: string },
): HostTensor<"float32"> {
  const stream = new RandomStream({ seed, purpose: `init ${name}` });
  const values = new Float32Array(elementCount(shape));
  if (distribution.distribution === "normal") {
    stream.fillNormal(values, distribution.mean, distribution.std);
  } else stream.fillUniform(values, distribution.low, distribution.high);
  return float32(shape, values);
}

/** A last layer's weight [classes, columns]: 1 for the class of each column, else 0. */
export function classIdentity(classes: number, columnClasses: readonly number[]): HostTensor<"float32"> {
  const columns = columnClasses.length;
  const weight = float32([classes, columns], new Float32Array(classes * columns));
  columnClasses.forEach((label, column) => weight.data[label * columns + column] = 1);
  return weight;
}

function symmetric(bound: number): Distribution {
  return uniform(-bound, bound);
}

function fanOf(shape: readonly number[], mode: FanMode): number {
  const { fanIn, fanOut } = fans(shape);
  return mode === "fan_in" ? fanIn : fanOut;
}
