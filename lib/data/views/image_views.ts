/**
 * The file with the views of an image: rows of height × width × 3 bytes (RGB), one a view, then the JSON of `ImageRows`,
 * then its length in bytes as a uint32, little-endian.
 */

import { closeSync, fstatSync, openSync, readSync, writeFileSync } from "node:fs";
import type { ImageRows } from "./views_file.ts";

const LENGTH_BYTES = 4;

/**
 * Writes the file of an image.
 *
 * @param pixels the bytes of its rows
 */
export function writeImageViews(path: string, pixels: Uint8Array, rows: ImageRows): void {
  const text = new TextEncoder().encode(JSON.stringify(rows));
  const bytes = new Uint8Array(pixels.length + text.length + LENGTH_BYTES);
  bytes.set(pixels);
  bytes.set(text, pixels.length);
  new DataView(bytes.buffer).setUint32(pixels.length + text.length, text.length, true);
  writeFileSync(path, bytes);
}

/** What `writeImageViews` wrote beside the pixels. */
export function readImageRows(path: string): ImageRows {
  const file = openSync(path, "r");
  try {
    const end = fstatSync(file).size - LENGTH_BYTES;
    const length = new DataView(new ArrayBuffer(LENGTH_BYTES));
    readSync(file, length, 0, LENGTH_BYTES, end);
    const text = new Uint8Array(length.getUint32(0, true));
    readSync(file, text, 0, text.length, end - text.length);
    return JSON.parse(new TextDecoder().decode(text));
  } finally {
    closeSync(file);
  }
}
