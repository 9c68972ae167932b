/** PNG files with the same bytes on every machine, for images that are identified by their digest. */

import { encode } from "fast-png";
import type { Image } from "./image.ts";

/**
 * `source` as a PNG file. The bytes of `encodePng` differ between processors, whose instructions its library uses.
 *
 * @throws {RangeError} when the image is neither RGB nor GRAY.
 */
export function encodePortablePng({ width, height, channels, order, data }: Image): Uint8Array {
  if (order !== "RGB" && order !== "GRAY") {
    throw new RangeError(`a portable PNG is RGB or GRAY, but the image is ${order}`);
  }
  return encode({ width, height, channels, depth: 8, data });
}
