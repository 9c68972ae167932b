/** The type and size of a JPEG or PNG file, read from its first bytes before anything is decoded. */

import { ImageError } from "./image_error.ts";
import { exifOrientation, jpegOrientation, type Orientation } from "./orientation.ts";

/** What the first bytes of a JPEG or PNG file say. Sizes are in pixels, as stored: EXIF orientation is not applied. */
export interface ImageHeader {
  readonly format: "jpeg" | "png";
  readonly width: number;
  readonly height: number;
  /** Samples a pixel in the file; 1 for a palette. */
  readonly channels: number;
  /** Bits a sample; of a palette, bits an index. */
  readonly depth: number;
  /** Whether the samples of a PNG are indices of its palette. */
  readonly palette: boolean;
  readonly orientation: Orientation;
}

const APP1 = 0xe1;
const IDAT = 0x49444154;
const EXIF_CHUNK = 0x65584966;
const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Samples a pixel by the colour type of a PNG's header. */
const PNG_CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/**
 * The header of `bytes`. The type is detected from the content; `file` is only used in errors.
 *
 * @throws {ImageError} `empty`, `not_an_image`, `truncated` or `corrupt`.
 */
export function readHeader(bytes: Uint8Array, file: string): ImageHeader {
  if (bytes.length === 0) throw new ImageError("empty", file, "the file is empty; expected a JPEG or PNG");
  if (startsWith(bytes, PNG_SIGNATURE)) return readPngHeader(bytes, file);
  if (startsWith(bytes, [0xff, 0xd8, 0xff])) return readJpegHeader(bytes, file);
  const start = Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  throw new ImageError("not_an_image", file, `expected a JPEG or PNG, but the file begins with ${start}`);
}

/** Whether the chunks of a PNG, or the markers of a JPEG, stop before the end that the format prescribes. */
export function isCut(bytes: Uint8Array, { format }: ImageHeader): boolean {
  if (format === "jpeg") {
    for (let i = bytes.length - 2; i > 1; i--) if (bytes[i] === 0xff && bytes[i + 1] === 0xd9) return false;
    return true;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    if (view.getUint32(at + 4) === 0x49454e44) return false;
  }
  return true;
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return bytes.length >= start.length && start.every((byte, i) => bytes[i] === byte);
}

function readPngHeader(bytes: Uint8Array, file: string): ImageHeader {
  if (bytes.length < 33) throw new ImageError("truncated", file, "the PNG ends inside its header");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const width = view.getUint32(16);
  const height = view.getUint32(20);
  const channels = PNG_CHANNELS[bytes[25]];
  if (view.getUint32(12) !== 0x49484452 || width === 0 || height === 0 || channels === undefined) {
    throw new ImageError("corrupt", file, `the PNG's header is invalid (${width} × ${height} pixels)`);
  }
  return {
    format: "png",
    width,
    height,
    channels,
    depth: bytes[24],
    palette: bytes[25] === 3,
    orientation: pngOrientation(bytes, view),
  };
}

/** Searches the chunks before the pixel data. */
function pngOrientation(bytes: Uint8Array, view: DataView): Orientation {
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    const type = view.getUint32(at + 4);
    if (type === IDAT) return 1;
    if (type === EXIF_CHUNK) return exifOrientation(bytes.subarray(at + 8, at + 8 + view.getUint32(at)));
  }
  return 1;
}

function readJpegHeader(bytes: Uint8Array, file: string): ImageHeader {
  let orientation: Orientation = 1;
  for (let at = 2; at + 4 <= bytes.length;) {
    if (bytes[at] !== 0xff) {
      at++;
      continue;
    }
    const marker = bytes[at + 1];
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === 0x00 || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += 2;
      continue;
    }
    if (marker === 0xda || marker === 0xd9) {
      throw new ImageError("corrupt", file, "the JPEG's data begin before a frame header");
    }
    if (isFrame(marker)) {
      if (at + 10 > bytes.length) break;
      const height = (bytes[at + 5] << 8) | bytes[at + 6];
      const width = (bytes[at + 7] << 8) | bytes[at + 8];
      if (width === 0 || height === 0) {
        throw new ImageError("corrupt", file, `the header of the JPEG states ${width} × ${height} pixels`);
      }
      return {
        format: "jpeg",
        width,
        height,
        channels: bytes[at + 9],
        depth: bytes[at + 4],
        palette: false,
        orientation,
      };
    }
    const end = at + 2 + ((bytes[at + 2] << 8) | bytes[at + 3]);
    if (marker === APP1 && orientation === 1) orientation = jpegOrientation(bytes.subarray(at + 4, end));
    at = end;
  }
  throw new ImageError("truncated", file, "the JPEG ends before its frame header");
}

/** SOF0 … SOF15 without the three markers in between that mean something else. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}
