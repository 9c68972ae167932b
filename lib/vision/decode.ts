/** JPEG and PNG files into uint8 images, in bounded memory and with errors that name the file. */

import type { Sharp } from "sharp";
import { openImage } from "./codec.ts";
import { type Image, image } from "./image.ts";
import { overWhite } from "./over_white.ts";
import { ImageError } from "./image_error.ts";
import { type ImageHeader, isCut, readHeader } from "./image_header.ts";
import { withoutPalette } from "./png_palette.ts";

/** No image of more pixels is decoded: 300 MB as RGB. */
export const MAX_PIXELS = 100_000_000;
/** No larger file is read: it could not hold an image of `MAX_PIXELS` in any sensible encoding. */
export const MAX_BYTES = 512 * 2 ** 20;

/**
 * The file's image as 8-bit RGB: grey and palette expanded, 16-bit samples by their high byte, alpha dropped,
 * CMYK as (255 − C)(255 − K)/255. Neither EXIF orientation nor a colour profile is applied. JPEG is decoded by
 * libjpeg-turbo's accurate integer transform with smooth chroma upsampling.
 *
 * @throws {ImageError} naming the file, when it can't be read or is not a whole JPEG or PNG of at most
 *   `MAX_PIXELS`.
 */
export async function decodeImage(path: string): Promise<Image> {
  return await decodeBytes(await readBytes(path), path);
}

/**
 * As `decodeImage`, from bytes in memory; `file` only names them in errors.
 *
 * @throws {ImageError}
 */
export async function decodeBytes(bytes: Uint8Array, file: string): Promise<Image> {
  const header = readAllowedHeader(bytes, file);
  const { width, height } = header;
  if (isCmyk(header)) return image(width, height, "RGB", cmykToRgb(await decodeCmyk(bytes, file, header)));
  const pipeline = (await open(bytes)).removeAlpha().toColourspace("srgb");
  return image(width, height, "RGB", await pixels(pipeline, bytes, file, header, 3));
}

/**
 * The file's image as RGB by the reference implementation's rule for 4 channels: RGBA is blended over white
 * and truncated, and so is CMYK, whose fourth channel is taken for alpha. Everything else is as in `decodeImage`.
 *
 * @throws {ImageError}
 */
export async function decodeOverWhite(path: string): Promise<Image> {
  const bytes = await readBytes(path);
  const header = readAllowedHeader(bytes, path);
  if (header.channels !== 4) return await decodeBytes(bytes, path);
  const samples = isCmyk(header)
    ? await decodeCmyk(bytes, path, header)
    : await pixels((await open(bytes)).toColourspace("srgb"), bytes, path, header, 4);
  return overWhite(image(header.width, header.height, "RGBA", samples));
}

/** The samples of an image file as they are stored. */
export interface StoredSamples {
  readonly header: ImageHeader;
  /** Red, green and blue, behind them alpha where the file has it; grey and palette are expanded. */
  readonly channels: number;
  /** Row-major HWC: 0 … 65535 of a 16-bit file, 0 … 255 of any other. */
  readonly data: Uint8Array | Uint16Array;
  /** Of a file with a palette, the index of each pixel. */
  readonly indices?: Uint8Array;
}

/**
 * The samples of the file's image with their depth, alpha channel and palette indices, for files whose samples are
 * labels and not colours.
 *
 * @throws {ImageError} as `decodeImage`.
 */
export async function decodeStored(path: string): Promise<StoredSamples> {
  const bytes = await readBytes(path);
  const header = readAllowedHeader(bytes, path);
  const wide = header.depth === 16;
  const { data, channels } = await samples(
    (await open(bytes)).toColourspace(wide ? "rgb16" : "srgb").raw({ depth: wide ? "ushort" : "uchar" }),
    bytes,
    path,
    header,
  );
  const typed = wide ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data;
  if (!header.palette) return { header, channels, data: typed };
  const plain = withoutPalette(bytes);
  const expanded = await pixels((await open(plain)).toColourspace("b-w"), plain, path, header, 1);
  const step = 255 / (2 ** header.depth - 1);
  return { header, channels, data: typed, indices: expanded.map((level) => level / step) };
}

async function readBytes(path: string): Promise<Uint8Array> {
  let size: number;
  try {
    size = (await Deno.stat(path)).size;
    if (size <= MAX_BYTES) return await Deno.readFile(path);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new ImageError("unreadable", path, `the file can't be read (${detail})`, { cause });
  }
  throw new ImageError("too_large", path, `the file has ${size} bytes; the limit is ${MAX_BYTES} bytes`);
}

function readAllowedHeader(bytes: Uint8Array, file: string): ImageHeader {
  const header = readHeader(bytes, file);
  if (header.width * header.height > MAX_PIXELS) {
    throw new ImageError(
      "too_large",
      file,
      `its header states ${header.width} × ${header.height} pixels; the limit is ${MAX_PIXELS} pixels`,
    );
  }
  return header;
}

function isCmyk({ format, channels }: ImageHeader): boolean {
  return format === "jpeg" && channels === 4;
}

function open(bytes: Uint8Array): Promise<Sharp> {
  return openImage(bytes, { failOn: "error", ignoreIcc: true, limitInputPixels: MAX_PIXELS });
}

/** The samples of `pipeline`, `channels` a pixel. */
async function pixels(
  pipeline: Sharp,
  bytes: Uint8Array,
  file: string,
  header: ImageHeader,
  channels: number,
): Promise<Uint8Array> {
  const { data } = await samples(pipeline.raw(), bytes, file, header);
  if (data.length !== header.width * header.height * channels) {
    throw new ImageError(
      "corrupt",
      file,
      `its header states ${header.width} × ${header.height} pixels, but ${data.length} samples were decoded`,
    );
  }
  return data;
}

/** The output of a raw `pipeline`; errors of libvips become an `ImageError`. */
async function samples(
  pipeline: Sharp,
  bytes: Uint8Array,
  file: string,
  header: ImageHeader,
): Promise<{ data: Uint8Array; channels: number }> {
  try {
    const { data, info } = await pipeline.toBuffer({ resolveWithObject: true });
    return { data: new Uint8Array(data.buffer, data.byteOffset, data.length), channels: info.channels };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    const reason = isCut(bytes, header) ? "truncated" : "corrupt";
    throw new ImageError(reason, file, `the ${header.format.toUpperCase()} is ${reason} (${message})`, {
      cause,
    });
  }
}

/** C, M, Y, K of every pixel, 0 = no ink. */
async function decodeCmyk(bytes: Uint8Array, file: string, header: ImageHeader): Promise<Uint8Array> {
  const pipeline = (await open(bytes)).pipelineColourspace("cmyk").toColourspace("cmyk");
  return await pixels(pipeline, bytes, file, header, 4);
}

function cmykToRgb(cmyk: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((cmyk.length / 4) * 3);
  for (let from = 0, to = 0; from < cmyk.length; from += 4, to += 3) {
    const white = 255 - cmyk[from + 3];
    for (let c = 0; c < 3; c++) {
      const product = cmyk[from + c] * white + 128;
      rgb[to + c] = Math.max(0, white - (((product >> 8) + product) >> 8));
    }
  }
  return rgb;
}
