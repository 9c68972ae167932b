/** Counter-based random numbers: what is drawn depends on (seed, purpose, epoch, index) alone, never on what ran before. */

/**
 * One block of Threefry-2x32-20 (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011).
 *
 * @param key two 32-bit words
 * @param counter two 32-bit words
 * @returns two uniformly distributed unsigned 32-bit words
 */
export function threefry2x32(
  key: readonly [number, number],
  counter: readonly [number, number],
): [number, number] {
  const [k0, k1] = key;
  const keys = [k0, k1, k0 ^ k1 ^ 0x1bd11bda];
  let x0 = (counter[0] + k0) | 0;
  let x1 = (counter[1] + k1) | 0;
  for (let group = 1; group <= 5; group++) {
    const odd = (group & 1) === 1;
    x0 = (x0 + x1) | 0;
    x1 = rotate(x1, odd ? 13 : 17) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = rotate(x1, odd ? 15 : 29) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = rotate(x1, odd ? 26 : 16) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = rotate(x1, odd ? 6 : 24) ^ x0;
    x0 = (x0 + keys[group % 3]) | 0;
    x1 = (x1 + keys[(group + 1) % 3] + group) | 0;
  }
  return [x0 >>> 0, x1 >>> 0];
}

function rotate(x: number, by: number): number {
  return (x << by) | (x >>> (32 - by));
}

/** What a stream is for: two streams that differ in any of these are independent. */
export interface StreamId {
  /** The run's seed, a non-negative integer below 2^53. */
  seed: number;
  /** What the numbers are used for, such as "shuffle" or "init layer1.0.conv1.weight". */
  purpose: string;
  epoch?: number;
  /** The image, parameter or step that draws. */
  index?: number;
}

/** Numbers drawn one after the other from the stream that a `StreamId` names. */
export class RandomStream {
  #key: [number, number];
  #index: number;
  #block = 0;
  #spare: number | undefined;
  #spareNormal: number | undefined;

  constructor({ seed, purpose, epoch = 0, index = 0 }: StreamId) {
    for (const [name, value] of Object.entries({ seed, epoch, index })) {
      if (!Number.isSafeInteger(value) || value < 0) {
        throw new RangeError(
          `a random stream's ${name} must be a non-negative integer, but ${value} was given`,
        );
      }
    }
    const seeded = threefry2x32([seed >>> 0, Math.floor(seed / 2 ** 32)], [fnv1a(purpose), epoch]);
    this.#key = threefry2x32(seeded, [0x70757270, Math.floor(index / 2 ** 32)]);
    this.#index = index >>> 0;
  }

  /** An integer in [0, 2^32). */
  uint32(): number {
    if (this.#spare !== undefined) {
      const value = this.#spare;
      this.#spare = undefined;
      return value;
    }
    const [first, second] = threefry2x32(this.#key, [this.#index, this.#block++]);
    this.#spare = second;
    return first;
  }

  /** A float32-exact number in [low, high), with 24 random bits. */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * ((this.uint32() >>> 8) / 2 ** 24);
  }

  /** A number from N(mean, std²), by Box and Muller's transform. */
  normal(mean = 0, std = 1): number {
    if (this.#spareNormal !== undefined) {
      const value = this.#spareNormal;
      this.#spareNormal = undefined;
      return mean + std * value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spareNormal = radius * Math.sin(angle);
    return mean + std * radius * Math.cos(angle);
  }

  /** An integer in [0, below), without bias. */
  integer(below: number): number {
    if (!Number.isSafeInteger(below) || below < 1 || below > 2 ** 32) {
      throw new RangeError(`integer(below) needs 1 ≤ below ≤ 2^32, but ${below} was given`);
    }
    const limit = 2 ** 32 - (2 ** 32 % below);
    for (;;) {
      const value = this.uint32();
      if (value < limit) return value % below;
    }
  }

  /** The numbers 0 … length − 1 in random order (Fisher and Yates). */
  permutation(length: number): Uint32Array {
    const order = Uint32Array.from({ length }, (_, i) => i);
    for (let i = length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  }
}

function fnv1a(text: string): number {
  let hash = 2166136261;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 16777619);
  return hash >>> 0;
}
