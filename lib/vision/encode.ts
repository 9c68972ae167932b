/** Images into PNG and JPEG files. */

import type { Sharp } from "sharp";
import { openImage } from "./codec.ts";
import type { Image } from "./image.ts";

/**
 * `source` as a PNG file (RGB, RGBA or GRAY).
 *
 * @throws {RangeError} when the image is BGR, which PNG does not support.
 */
export async function encodePng(source: Image): Promise<Uint8Array> {
  return bytesOf(await (await raw(source)).png({ compressionLevel: 6 }).toBuffer());
}

/**
 * `source` as a baseline JPEG file: 4:2:0, the standard's quantisation tables scaled by `quality` as libjpeg does.
 *
 * @param quality 1 … 100
 * @throws {RangeError} when the image is not RGB or GRAY, or the quality is out of range.
 */
export async function encodeJpeg(source: Image, quality: number): Promise<Uint8Array> {
  if (source.order === "RGBA") throw new RangeError("a JPEG has no alpha; give an RGB or GRAY image");
  if (!Number.isInteger(quality) || quality < 1 || quality > 100) {
    throw new RangeError(`the quality of a JPEG is an integer from 1 to 100, but ${quality} was given`);
  }
  return bytesOf(await (await raw(source)).jpeg({ quality, chromaSubsampling: "4:2:0" }).toBuffer());
}

async function raw(source: Image): Promise<Sharp> {
  if (source.order === "BGR") {
    throw new RangeError("the image is BGR, but files store RGB; reverse its channels first");
  }
  const channels = source.channels as 1 | 3 | 4;
  const { width, height, data } = source;
  const pipeline = await openImage(data, { raw: { width, height, channels } });
  return source.order === "GRAY" ? pipeline.toColourspace("b-w") : pipeline;
}

/** A plain array over a Node buffer's bytes. */
function bytesOf({ buffer, byteOffset, length }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}
