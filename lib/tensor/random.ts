/** Counter-based random numbers: each depends only on (seed, purpose, epoch, index), not on earlier draws. */

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
  const words = new Uint32Array(2);
  writeBlock(words, 0, key[0], key[1], counter[0], counter[1]);
  return [words[0], words[1]];
}

/**
 * Writes the block's words to `out[at]` and `out[at + 1]`, so that large tensors are drawn without an
 * allocation per block.
 */
function writeBlock(out: Uint32Array, at: number, k0: number, k1: number, c0: number, c1: number): void {
  const k2 = k0 ^ k1 ^ 0x1bd11bda;
  let x0 = (c0 + k0) | 0;
  let x1 = (c1 + k1) | 0;
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
    const turn = group % 3;
    x0 = (x0 + (turn === 0 ? k0 : turn === 1 ? k1 : k2)) | 0;
    x1 = (x1 + (turn === 0 ? k1 : turn === 1 ? k2 : k0) + group) | 0;
  }
  out[at] = x0;
  out[at + 1] = x1;
}

function rotate(x: number, by: number): number {
  return (x << by) | (x >>> (32 - by));
}

/** The identity of a stream: streams that differ in any field are independent. */
export interface StreamId {
  /** The run's seed, a non-negative integer below 2^53. */
  seed: number;
  /** The purpose of the numbers, such as "shuffle" or "init layer1.0.conv1.weight". */
  purpose: string;
  epoch?: number;
  /** The index of the image, parameter or step. */
  index?: number;
}

/** Words drawn at a time; must be even. */
const CHUNK = 1 << 14;

/**
 * Numbers drawn in sequence from the stream that a `StreamId` identifies.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { RandomStream } from "./random.ts";
 *
 * const id = { seed: 4871, purpose: "flip", epoch: 3, index: 17 };
 * const drawn = new RandomStream(id).uniform();
 * assert.equal(new RandomStream(id).uniform(), drawn); // independent of other draws
 * assert.notEqual(new RandomStream({ ...id, index: 18 }).uniform(), drawn);
 * ```
 */
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
          `a random stream's ${name} must be a non-negative integer, but is ${value}`,
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

  /** Fills `out` with the same values as repeated calls of {@link uniform}, but faster. */
  fillUniform(out: Float32Array, low = 0, high = 1): void {
    this.#eachChunk(out.length, (words, start, count) => {
      for (let i = 0; i < count; i++) out[start + i] = low + (high - low) * ((words[i] >>> 8) / 2 ** 24);
    });
  }

  /** Fills `out` with the same values as repeated calls of {@link normal}, but faster. */
  fillNormal(out: Float32Array, mean = 0, std = 1): void {
    let start = 0;
    while (start < out.length && this.#spareNormal !== undefined) out[start++] = this.normal(mean, std);
    const pairs = (out.length - start) >> 1;
    this.#eachChunk(2 * pairs, (words, from, count) => {
      for (let i = 0; i < count; i += 2) {
        const radius = Math.sqrt(-2 * Math.log(1 - (words[i] >>> 8) / 2 ** 24));
        const angle = 2 * Math.PI * ((words[i + 1] >>> 8) / 2 ** 24);
        out[start + from + i] = mean + std * radius * Math.cos(angle);
        out[start + from + i + 1] = mean + std * (radius * Math.sin(angle));
      }
    });
    for (let i = start + 2 * pairs; i < out.length; i++) out[i] = this.normal(mean, std);
  }

  /** Passes `total` words in the order of {@link uint32} to `use`, in chunks of even length except the last. */
  #eachChunk(total: number, use: (words: Uint32Array, start: number, count: number) => void): void {
    const words = new Uint32Array(Math.min(total, CHUNK));
    for (let start = 0; start < total; start += CHUNK) {
      const count = Math.min(CHUNK, total - start);
      let i = 0;
      if (this.#spare !== undefined) words[i++] = this.uint32();
      for (; i + 1 < count; i += 2) {
        writeBlock(words, i, this.#key[0], this.#key[1], this.#index, this.#block++);
      }
      if (i < count) words[i] = this.uint32();
      use(words, start, count);
    }
  }

  /** An integer in [0, below), without bias. */
  integer(below: number): number {
    if (!Number.isSafeInteger(below) || below < 1 || below > 2 ** 32) {
      throw new RangeError(`integer(below) needs 1 ≤ below ≤ 2^32, but below is ${below}`);
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
