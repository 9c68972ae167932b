/** PNG files with any colour type and depth, for tests of readers. */

import { crc32, deflateSync } from "node:zlib";

export interface PngForm {
  /** 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA. */
  readonly colorType: 0 | 2 | 3 | 4 | 6;
  readonly depth: 1 | 2 | 4 | 8 | 16;
  /** RGB of each index. */
  readonly palette?: readonly (readonly [number, number, number])[];
  /** Alpha of the first indices of the palette. */
  readonly transparency?: readonly number[];
}

const SAMPLES = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** @param samples of every pixel, row-major, 0 … 2^depth − 1 */
export function writePng(
  width: number,
  height: number,
  { colorType, depth, palette, transparency }: PngForm,
  samples: readonly number[],
): Uint8Array {
  const perRow = width * SAMPLES[colorType];
  const rowBytes = Math.ceil(perRow * depth / 8);
  const raw = new Uint8Array(height * (1 + rowBytes));
  for (let y = 0; y < height; y++) {
    for (let i = 0; i < perRow; i++) {
      const value = samples[y * perRow + i];
      const bit = i * depth;
      const at = y * (1 + rowBytes) + 1 + (bit >> 3);
      if (depth === 16) raw.set([value >> 8, value & 255], at);
      else raw[at] |= value << (8 - depth - (bit & 7));
    }
  }
  const header = new Uint8Array(13);
  new DataView(header.buffer).setUint32(0, width);
  new DataView(header.buffer).setUint32(4, height);
  header.set([depth, colorType], 8);
  return concat([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk("IHDR", header),
    ...(palette ? [chunk("PLTE", Uint8Array.from(palette.flat()))] : []),
    ...(transparency ? [chunk("tRNS", Uint8Array.from(transparency))] : []),
    chunk("IDAT", new Uint8Array(deflateSync(raw))),
    chunk("IEND", new Uint8Array()),
  ]);
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = concat([new TextEncoder().encode(type), data]);
  const framed = new Uint8Array(body.length + 8);
  const view = new DataView(framed.buffer);
  view.setUint32(0, data.length);
  framed.set(body, 4);
  view.setUint32(body.length + 4, crc32(body));
  return framed;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
