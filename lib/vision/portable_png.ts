/** PNG files that are the same bytes on every machine, for what is drawn and then known by its digest. */

import { encode } from "fast-png";
import type { Image } from "./image.ts";

/**
 * `source` as a PNG file. Those of `encodePng` depend on the processor, whose instructions its library chooses by.
 *
 * @throws {RangeError} when the image is neither RGB nor GRAY.
 */
export function encodePortablePng({ width, height, channels, order, data }: Image): Uint8Array {
  if (order !== "RGB" && order !== "GRAY") {
    throw new RangeError(`a portable PNG is RGB or GRAY, but the image is ${order}`);
  }
  return encode({ width, height, channels, depth: 8, data });
}
