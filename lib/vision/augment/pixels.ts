/** Transforms that leave every pixel near its place: flip, posterize, blur, noise and JPEG compression. */

import { decodeBytes } from "../decode.ts";
import { encodeJpeg } from "../encode.ts";
import { type Image, image, requireOrder } from "../image.ts";
import { borderIndex } from "./remap.ts";

/** The columns mirrored. */
export function flipHorizontally(source: Image): Image {
  const { width, height, channels, data, order } = source;
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    let to = y * width * channels;
    for (let from = to + (width - 1) * channels, x = 0; x < width; x++, from -= channels, to += channels) {
      for (let c = 0; c < channels; c++) out[to + c] = data[from + c];
    }
  }
  return image(width, height, order, out);
}

/**
 * The upper `bits` of every level kept, the others cleared: 0 gives black, 8 the image itself.
 *
 * @throws {RangeError} when `bits` is not an integer from 0 to 8.
 */
export function posterize(source: Image, bits: number): Image {
  if (!Number.isInteger(bits) || bits < 0 || bits > 8) {
    throw new RangeError(`posterize keeps 0 to 8 bits, but ${bits} were given`);
  }
  if (bits === 8) return source;
  const kept = 0xff & ~((1 << (8 - bits)) - 1);
  return image(source.width, source.height, source.order, source.data.map((level) => level & kept));
}

/**
 * The mean of every pixel's `kernel` × `kernel` neighbourhood, rounded; mirrored at the borders without the
 * edge pixel.
 *
 * @throws {RangeError} when `kernel` is not a positive odd integer.
 */
export function blur(source: Image, kernel: number): Image {
  if (!Number.isInteger(kernel) || kernel < 1 || kernel % 2 === 0) {
    throw new RangeError(`the side of a blur's kernel is a positive odd integer, but ${kernel} was given`);
  }
  const { width, height, channels, data, order } = source;
  const stride = width * channels;
  const radius = (kernel - 1) / 2;
  const share = 1 / (kernel * kernel);
  const out = new Uint8Array(data.length);
  const columns = new Int32Array(stride);
  const rowAt = (y: number) => borderIndex(y, height, "reflect101") * stride;
  for (let k = -radius; k <= radius; k++) addRow(columns, data, rowAt(k), 1);
  const neighbours = Int32Array.from(
    { length: width + 2 * radius },
    (_, x) => borderIndex(x - radius, width, "reflect101") * channels,
  );
  for (let y = 0; y < height; y++) {
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let k = 0; k < kernel - 1; k++) sum += columns[neighbours[k] + c];
      for (let x = 0, to = y * stride + c; x < width; x++, to += channels) {
        sum += columns[neighbours[x + kernel - 1] + c];
        out[to] = (sum * share + 0.5) | 0;
        sum -= columns[neighbours[x] + c];
      }
    }
    addRow(columns, data, rowAt(y - radius), -1);
    addRow(columns, data, rowAt(y + radius + 1), 1);
  }
  return image(width, height, order, out);
}

function addRow(columns: Int32Array, data: Uint8Array, from: number, sign: 1 | -1): void {
  for (let i = 0; i < columns.length; i++) columns[i] += sign * data[from + i];
}

/**
 * `source` + `noise`, clipped to 0 … 255 and truncated.
 *
 * @param noise one number a sample, in levels
 * @throws {RangeError} when there are more or fewer numbers than samples.
 */
export function addNoise(source: Image, noise: ArrayLike<number>): Image {
  if (noise.length !== source.data.length) {
    throw new RangeError(
      `the image has ${source.data.length} samples, but ${noise.length} numbers were given`,
    );
  }
  const out = source.data.map((level, i) => Math.min(Math.max(level + noise[i], 0), 255));
  return image(source.width, source.height, source.order, out);
}

/**
 * An RGB image after JPEG compression at that quality (4:2:0) and decompression. The reference
 * implementation passes RGB to an encoder that expects BGR, so the weights of red and blue are swapped.
 *
 * @throws {RangeError} when the image is not RGB or the quality is not an integer from 1 to 100.
 */
export async function compressJpeg(source: Image, quality: number): Promise<Image> {
  requireOrder(source, "RGB");
  const file = await encodeJpeg(swapRedBlue(source), quality);
  return swapRedBlue(await decodeBytes(file, "an image compressed in memory"));
}

function swapRedBlue({ width, height, data, order }: Image): Image {
  const out = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 3) {
    out[i] = data[i + 2];
    out[i + 1] = data[i + 1];
    out[i + 2] = data[i];
  }
  return image(width, height, order, out);
}
