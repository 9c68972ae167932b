/** Masks in PNG files of any kind: grey of 1 to 16 bits, colours, palettes and alpha channels. All mask files are read here. */

import { decodeStored, type StoredSamples } from "../decode.ts";
import { type Image, image as newImage, type Mask, mask as newMask } from "../image.ts";
import { ImageError } from "../image_error.ts";

/** The image that a mask belongs to, in pixels as stored. */
export interface MaskedSize {
  readonly width: number;
  readonly height: number;
}

/**
 * The levels of an object's mask as a grey image, 0 where the object is not: grey levels as they are (CUB-200-2011's say
 * how many annotators agree; 16-bit levels above 255 are scaled to at most 255), 255 for any other colour but black, or
 * the alpha channel of a cut-out.
 *
 * @param size of the masked image
 * @throws {ImageError} naming the file, when it is not a complete PNG, has another size, shows no object or no background, or when its colours, its alpha channel and its palette's indices do not agree.
 */
export async function readObjectLevels(path: string, size: MaskedSize): Promise<Image> {
  const stored = await readStored(path);
  requireSize(stored, size, path);
  const levels = levelsOf(stored, path);
  if (!levels.some((level) => level > 0)) {
    throw unusable(path, "the mask shows no object: all of its pixels are black or transparent");
  }
  if (levels.every((level) => level > 0)) {
    throw unusable(
      path,
      "the mask shows no background: expected pixels that are black or transparent around the object",
    );
  }
  return newImage(size.width, size.height, "GRAY", levels);
}

/** The pixels of an object's mask whose level is above 0; see {@link readObjectLevels}. */
export async function readObjectMask(path: string, size: MaskedSize): Promise<Mask> {
  return maskOfLevels(await readObjectLevels(path, size));
}

/**
 * The mask that a PNG shows: its pixels that are neither black nor transparent. It may be empty or full; the caller
 * checks its size.
 *
 * @throws {ImageError} as {@link readObjectLevels}.
 */
export async function readMask(path: string): Promise<Mask> {
  const stored = await readStored(path);
  return maskOfLevels({ ...stored.header, data: levelsOf(stored, path) });
}

/**
 * The label of every pixel of a mask of parts, row-major: the grey samples as stored, or the palette's indices.
 *
 * @param size of the masked image
 * @throws {ImageError} naming the file, when it is not a complete PNG, has another size, or has colours or transparent pixels.
 */
export async function readLabels(path: string, size: MaskedSize): Promise<Uint8Array | Uint16Array> {
  const stored = await readStored(path);
  requireSize(stored, size, path);
  const { header, indices } = stored;
  if (indices) return indices;
  const { gray, colored, alpha } = separate(stored);
  if (colored) {
    throw unusable(
      path,
      "the mask of parts has colours: expected a grey PNG, or one with a palette, of part ids",
    );
  }
  if (alpha && varies(alpha)) {
    throw unusable(path, "the mask of parts has transparent pixels: expected opaque part ids");
  }
  // Samples of fewer bits are decoded to 0 … 255.
  return header.depth < 8 ? gray.map((level) => level / (255 / (2 ** header.depth - 1))) : gray;
}

async function readStored(path: string): Promise<StoredSamples> {
  const stored = await decodeStored(path);
  if (stored.header.format === "png") return stored;
  throw unusable(path, "the mask is a JPEG, whose lossy compression changes the mask: save it as a PNG");
}

function requireSize({ header }: StoredSamples, { width, height }: MaskedSize, path: string): void {
  if (header.width === width && header.height === height) return;
  const turned = header.width === height && header.height === width
    ? ": its sides are swapped, as where one of the two was turned by its EXIF orientation"
    : "";
  throw unusable(
    path,
    `the mask has ${header.width} × ${header.height} pixels, but its image has ${width} × ${height}${turned}`,
  );
}

/** 0 … 255 of every pixel. */
function levelsOf(stored: StoredSamples, path: string): Uint8Array {
  const { indices } = stored;
  const { gray, colored, alpha } = separate(stored);
  let levels: Uint8Array;
  if (alpha && varies(alpha)) {
    if (isTwoToned(gray, alpha, colored)) {
      throw unusable(
        path,
        "the mask has one shape in its colours and another in its alpha channel: keep one of them",
      );
    }
    levels = bytesOf(alpha);
  } else if (alpha && alpha[0] === 0) {
    throw unusable(path, "the mask is wholly transparent: its alpha channel is 0 everywhere");
  } else {
    levels = colored ? visible(gray) : bytesOf(gray);
  }
  if (indices?.some((index, i) => (index > 0) !== (levels[i] > 0))) {
    throw unusable(
      path,
      "the palette's indices show another mask than its colours: expected index 0, black or transparent, where the object is not",
    );
  }
  return levels;
}

interface Separated {
  /** The largest colour sample of each pixel. */
  readonly gray: Uint8Array | Uint16Array;
  /** Whether a visible pixel's colour samples differ. */
  readonly colored: boolean;
  readonly alpha?: Uint8Array | Uint16Array;
}

function separate({ channels, data }: StoredSamples): Separated {
  const hasAlpha = channels % 2 === 0;
  const colors = hasAlpha ? channels - 1 : channels;
  const make = () =>
    data instanceof Uint8Array
      ? new Uint8Array(data.length / channels)
      : new Uint16Array(data.length / channels);
  const gray = make();
  const alpha = hasAlpha ? make() : undefined;
  let colored = false;
  for (let pixel = 0, at = 0; pixel < gray.length; pixel++, at += channels) {
    let [least, most] = [data[at], data[at]];
    for (let c = 1; c < colors; c++) {
      least = Math.min(least, data[at + c]);
      most = Math.max(most, data[at + c]);
    }
    gray[pixel] = most;
    if (alpha) alpha[pixel] = data[at + colors];
    colored ||= least !== most && (!alpha || alpha[pixel] > 0);
  }
  return { gray, colored, ...(alpha && { alpha }) };
}

/** 255 for every level above 0. */
function visible(levels: Uint8Array | Uint16Array): Uint8Array {
  const bytes = new Uint8Array(levels.length);
  for (let i = 0; i < levels.length; i++) if (levels[i] > 0) bytes[i] = 255;
  return bytes;
}

function varies(levels: Uint8Array | Uint16Array): boolean {
  return levels.some((level) => level !== levels[0]);
}

/** Whether the visible pixels are black and one other grey, so that the colours are a mask by themselves. */
function isTwoToned(
  gray: Uint8Array | Uint16Array,
  alpha: Uint8Array | Uint16Array,
  colored: boolean,
): boolean {
  const seen = new Set<number>();
  for (let i = 0; i < gray.length && seen.size < 3; i++) if (alpha[i] > 0) seen.add(gray[i]);
  return !colored && seen.size === 2 && seen.has(0);
}

/** 16-bit levels above 255 are scaled; a level above 0 stays above 0. */
function bytesOf(levels: Uint8Array | Uint16Array): Uint8Array {
  if (levels instanceof Uint8Array) return levels;
  const most = levels.reduce((a, b) => Math.max(a, b), 0);
  if (most <= 255) return Uint8Array.from(levels);
  return Uint8Array.from(levels, (level) => level === 0 ? 0 : Math.max(1, Math.round(level * 255 / most)));
}

function maskOfLevels({ width, height, data }: MaskedSize & { readonly data: Uint8Array }): Mask {
  const mask = newMask(width, height);
  for (let i = 0; i < data.length; i++) if (data[i] > 0) mask.data[i] = 1;
  return mask;
}

/** The pixels with the label `wanted`. */
export function maskOfLabel(
  labels: Uint8Array | Uint16Array,
  wanted: number,
  { width, height }: MaskedSize,
): Mask {
  const mask = newMask(width, height);
  for (let i = 0; i < labels.length; i++) if (labels[i] === wanted) mask.data[i] = 1;
  return mask;
}

function unusable(path: string, detail: string): ImageError {
  return new ImageError("not_a_mask", path, detail);
}
