/** EXIF orientation: how an image must be turned to be seen as it was photographed. */

import { type Image, image as newImage } from "./image.ts";

/** 1 is as stored; 2, 4, 5 and 7 are mirrored; from 5 on the sides are swapped. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

const TAG = 0x0112;
const EXIF = "Exif\0\0";

/** The orientation in the APP1 segment of a JPEG (without its marker and length); 1 where it has none. */
export function jpegOrientation(segment: Uint8Array): Orientation {
  const name = String.fromCharCode(...segment.subarray(0, EXIF.length));
  return name === EXIF ? exifOrientation(segment.subarray(EXIF.length)) : 1;
}

/** The orientation in EXIF data, a TIFF header and its first directory; 1 where it is absent or not 1 … 8. */
export function exifOrientation(tiff: Uint8Array): Orientation {
  if (tiff.length < 8) return 1;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const little = view.getUint16(0) === 0x4949;
  const directory = view.getUint32(4, little);
  if (directory + 2 > tiff.length) return 1;
  const entries = view.getUint16(directory, little);
  for (let i = 0; i < entries; i++) {
    const at = directory + 2 + 12 * i;
    if (at + 12 > tiff.length) return 1;
    if (view.getUint16(at, little) !== TAG) continue;
    const value = view.getUint16(at + 8, little);
    return value >= 1 && value <= 8 ? value as Orientation : 1;
  }
  return 1;
}

/** Whether an image is turned by a quarter, so that its width becomes its height. */
export function swapsSides(orientation: Orientation): boolean {
  return orientation >= 5;
}

/** `source`, stored with `orientation`, as it is to be seen. */
export function turn(source: Image, orientation: Orientation): Image {
  const { width, height, channels, order, data } = source;
  const swapped = swapsSides(orientation);
  const turned = newImage(swapped ? height : width, swapped ? width : height, order);
  for (let y = 0, to = 0; y < turned.height; y++) {
    for (let x = 0; x < turned.width; x++, to += channels) {
      // Of a swapped image, rows are columns.
      const [along, across] = swapped ? [y, x] : [x, y];
      const column = [2, 3, 7, 8].includes(orientation) ? width - 1 - along : along;
      const row = [3, 4, 6, 7].includes(orientation) ? height - 1 - across : across;
      const from = (row * width + column) * channels;
      for (let c = 0; c < channels; c++) turned.data[to + c] = data[from + c];
    }
  }
  return turned;
}
