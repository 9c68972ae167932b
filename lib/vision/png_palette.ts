/** Palette indices of a PNG, which libvips only gives as colours. */

import { Buffer } from "node:buffer";
import { crc32 } from "node:zlib";

const SIGNATURE_BYTES = 8;
/** Length, type and CRC. */
const FRAME_BYTES = 12;
const GRAY = 0;

/**
 * The PNG of a palette as a grey PNG whose samples are the indices: its header says grey, and the palette with its
 * transparency is left out. The pixel data stay as they are.
 *
 * @param png whole, with a palette
 */
export function withoutPalette(png: Uint8Array): Uint8Array {
  const parts = [png.slice(0, SIGNATURE_BYTES)];
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  for (let at = SIGNATURE_BYTES; at + FRAME_BYTES <= png.length;) {
    const end = Math.min(png.length, at + FRAME_BYTES + view.getUint32(at));
    const chunk = png.slice(at, end);
    const type = String.fromCharCode(...chunk.subarray(4, 8));
    if (type === "IHDR") {
      chunk[17] = GRAY;
      new DataView(chunk.buffer).setUint32(chunk.length - 4, crc32(chunk.subarray(4, chunk.length - 4)));
    }
    if (["IHDR", "IDAT", "IEND"].includes(type)) parts.push(chunk);
    at = end;
  }
  return new Uint8Array(Buffer.concat(parts));
}
