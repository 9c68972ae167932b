/** Sampling an image at given coordinates in OpenCV's fixed point: 1/32 pixel, integer weights. */

import { type Image, image } from "../image.ts";
import { kernels, regions } from "../simd/kernels.ts";

/** Values beyond the edge: black, the opposite side, or the mirror image without its edge pixel. */
export type Border = "constant" | "wrap" | "reflect101";

export type Interpolation = "linear" | "nearest";

/** Bits of a coordinate below one pixel. */
export const COORDINATE_BITS = 5;

const ONE = 1 << COORDINATE_BITS;
const FRACTION = ONE - 1;

/**
 * Writes the coordinates of row `y` as 32-bit integers at the addresses `xs` and `ys` of the kernels' memory: in
 * 1/32 pixel for linear interpolation, in whole pixels for the nearest neighbour. Up to 16 bytes behind a row may
 * be written too.
 */
export type RowCoordinates = (y: number, xs: number, ys: number) => void;

/** An image of `width` × `height` that shows `source` at the coordinates of every pixel. */
export function remap(
  source: Image,
  width: number,
  height: number,
  coordinates: RowCoordinates,
  border: Border,
  interpolation: Interpolation,
): Image {
  const { channels, order } = source;
  const length = width * channels;
  const stride = (source.width + BEFORE + BEHIND) * channels;
  const paddedSize = interpolation === "linear" ? stride * (source.height + BEFORE + BEHIND) : 0;
  const [padded, xs, ys, out] = regions(paddedSize, 4 * width, 4 * width, length * height);
  const { buffer } = kernels.memory;
  const bytes = new Uint8Array(buffer);
  const columns = new Int32Array(buffer, xs, width);
  const rows = new Int32Array(buffer, ys, width);
  const origin = padded + BEFORE * (stride + channels);
  if (interpolation === "linear") copyPadded(source, border, bytes, origin, stride);
  for (let y = 0; y < height; y++) {
    coordinates(y, xs, ys);
    const to = out + y * length;
    if (interpolation === "nearest") {
      sampleNearest(source, columns, rows, border, bytes, to);
      continue;
    }
    foldAll(columns, source.width, border);
    foldAll(rows, source.height, border);
    if (channels === 3) kernels.sample_row(origin, stride, xs, ys, to, to + length);
    else sampleLinear(bytes, origin, stride, channels, columns, rows, to);
  }
  return image(width, height, order, bytes.slice(out, out + length * height));
}

/** Rows and columns around a padded copy, so that every folded coordinate has its four neighbours in it. */
const BEFORE = 1;
const BEHIND = 2;

/** Copies `source` so that its pixel (0, 0) is at `origin`, and fills the border around it. */
function copyPadded(
  { data, width, height, channels }: Image,
  border: Border,
  bytes: Uint8Array,
  origin: number,
  stride: number,
): void {
  const start = origin - BEFORE * (stride + channels);
  if (border === "constant") bytes.fill(0, start, start + stride * (height + BEFORE + BEHIND));
  const length = width * channels;
  for (let y = 0; y < height; y++) {
    const to = origin + y * stride;
    bytes.set(data.subarray(y * length, (y + 1) * length), to);
    if (border === "wrap") bytes.copyWithin(to + length, to, to + channels);
  }
  if (border === "wrap") bytes.copyWithin(origin + height * stride, origin, origin + length + channels);
}

/**
 * Moves coordinates (1/32 pixel) to where the padded copy shows the same: into the image for a mirror, up to the
 * first column again for a wrapped image, at most one pixel beyond the edge for black.
 */
function foldAll(coordinates: Int32Array, length: number, border: Border): void {
  const start = coordinates.byteOffset;
  const end = start + coordinates.byteLength;
  const size = ONE * length;
  if (border === "constant") return kernels.clamp(start, end, -ONE, size);
  if (border === "wrap") {
    if (kernels.wrap(start, end, size) === 0) return;
    for (let i = 0; i < coordinates.length; i++) coordinates[i] = ((coordinates[i] % size) + size) % size;
    return;
  }
  const period = 2 * (size - ONE);
  for (let i = 0; i < coordinates.length; i++) {
    const rest = length === 1 ? 0 : Math.abs(coordinates[i]) % period;
    coordinates[i] = Math.min(rest, period - rest);
  }
}

/** The bilinear samples of one row of any number of channels, as the kernel does it for three. */
function sampleLinear(
  bytes: Uint8Array,
  origin: number,
  stride: number,
  channels: number,
  xs: Int32Array,
  ys: Int32Array,
  out: number,
): void {
  for (let i = 0, to = out; i < xs.length; i++) {
    const upper = origin + (ys[i] >> COORDINATE_BITS) * stride + (xs[i] >> COORDINATE_BITS) * channels;
    const lower = upper + stride;
    const right = xs[i] & FRACTION;
    const low = ys[i] & FRACTION;
    for (let c = 0; c < channels; c++) {
      const sum = (ONE - low) * ((ONE - right) * bytes[upper + c] + right * bytes[upper + channels + c]) +
        low * ((ONE - right) * bytes[lower + c] + right * bytes[lower + channels + c]);
      bytes[to++] = (sum + (ONE * ONE) / 2) >> (2 * COORDINATE_BITS);
    }
  }
}

function sampleNearest(
  { data, width, height, channels }: Image,
  columns: Int32Array,
  rows: Int32Array,
  border: Border,
  out: Uint8Array,
  start: number,
): void {
  for (let i = 0, to = start; i < columns.length; i++, to += channels) {
    const x = borderIndex(columns[i], width, border);
    const y = borderIndex(rows[i], height, border);
    const from = (y * width + x) * channels;
    for (let c = 0; c < channels; c++) out[to + c] = x < 0 || y < 0 ? 0 : data[from + c];
  }
}

/** The index that stands for `index`; −1 for black. */
export function borderIndex(index: number, length: number, border: Border): number {
  if (index >= 0 && index < length) return index;
  if (border === "constant") return -1;
  if (border === "wrap") {
    const rest = index % length;
    return rest < 0 ? rest + length : rest;
  }
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const rest = Math.abs(index) % period;
  return rest < length ? rest : period - rest;
}
