/** A canvas of sub-pixels, each with a colour and an owner. Polygons are filled by scan lines. */

import { type Image, image } from "../../vision/image.ts";
import type { Rectangle } from "../../vision/rectangle.ts";
import type { Outline } from "./outlines.ts";
import { forEachSpan } from "./scan_lines.ts";

/** 0xRRGGBB. */
export type Colour = number;

/** A uniform colour, a colour per row, or a colour per position. */
export type Paint = Colour | { readonly row: (y: number) => Colour } | ((x: number, y: number) => Colour);

/** Sub-pixels along one side of a pixel. */
export const SUB_PIXELS = 3;

const IN_PIXEL = SUB_PIXELS * SUB_PIXELS;

export class Canvas {
  /** In sub-pixels: a row's length, and the first and the end of the columns and rows. */
  readonly #stride: number;
  readonly #columns: readonly [first: number, end: number];
  readonly #rows: readonly [first: number, end: number];
  readonly #colours: Int32Array;
  readonly #owners: Uint8Array;
  readonly #inPixel = new Uint8Array(IN_PIXEL);

  /** @param region the part of the image that is drawn, in pixels */
  constructor(readonly region: Rectangle) {
    const { left, top, width, height } = region;
    this.#stride = width * SUB_PIXELS;
    this.#columns = [left * SUB_PIXELS, (left + width) * SUB_PIXELS];
    this.#rows = [top * SUB_PIXELS, (top + height) * SUB_PIXELS];
    this.#colours = new Int32Array(width * height * IN_PIXEL);
    this.#owners = new Uint8Array(width * height * IN_PIXEL);
  }

  /**
   * Fills a polygon by the nonzero winding rule: a sub-pixel is inside if its centre is. Positions are in
   * sub-pixels of the whole image.
   *
   * @param owner the id of the shape that owns the filled sub-pixels, 0 … 255
   */
  fill(outline: Outline, paint: Paint, owner: number): void {
    forEachSpan(outline, this.#rows, (row, from, to) => this.#fillSpan(row, from, to, paint, owner));
  }

  #fillSpan(row: number, from: number, to: number, paint: Paint, owner: number): void {
    const first = Math.max(this.#columns[0], Math.ceil(from - 0.5));
    const end = Math.min(this.#columns[1], Math.ceil(to - 0.5));
    if (end <= first) return;
    const at = (row - this.#rows[0]) * this.#stride - this.#columns[0];
    this.#owners.fill(owner, at + first, at + end);
    if (typeof paint === "function") {
      for (let x = first; x < end; x++) this.#colours[at + x] = paint(x, row);
    } else {
      this.#colours.fill(typeof paint === "number" ? paint : paint.row(row), at + first, at + end);
    }
  }

  /** The mean colour of every pixel's sub-pixels, rounded. */
  image(): Image {
    const { width, height } = this.region;
    const half = IN_PIXEL >> 1;
    const out = new Uint8Array(width * height * 3);
    for (let y = 0, to = 0; y < height; y++) {
      for (let x = 0; x < width; x++, to += 3) {
        // Red and blue are added in one number: nine levels of a channel take 12 bits.
        let redAndBlue = 0, green = 0;
        for (let v = 0; v < SUB_PIXELS; v++) {
          const at = this.#placeOf(x, y, v);
          for (let u = 0; u < SUB_PIXELS; u++) {
            const colour = this.#colours[at + u];
            redAndBlue += colour & 0xff00ff;
            green += (colour >> 8) & 255;
          }
        }
        out[to] = ((redAndBlue >> 16) + half) / IN_PIXEL;
        out[to + 1] = (green + half) / IN_PIXEL;
        out[to + 2] = ((redAndBlue & 0xffff) + half) / IN_PIXEL;
      }
    }
    return image(width, height, "RGB", out);
  }

  /**
   * The owner of every pixel: 0 if at most half of its sub-pixels have an owner, otherwise the most frequent
   * owner of its sub-pixels (the lowest id if several are equally frequent).
   */
  owners(): Image {
    const { width, height } = this.region;
    const out = new Uint8Array(width * height);
    for (let y = 0, to = 0; y < height; y++) {
      for (let x = 0; x < width; x++, to++) out[to] = this.#ownerOf(x, y);
    }
    return image(width, height, "GRAY", out);
  }

  #ownerOf(x: number, y: number): number {
    const owner = this.#owners[this.#placeOf(x, y, 0)];
    let isMixed = false;
    for (let v = 0, to = 0; v < SUB_PIXELS; v++) {
      const at = this.#placeOf(x, y, v);
      for (let u = 0; u < SUB_PIXELS; u++) {
        const other = this.#inPixel[to++] = this.#owners[at + u];
        isMixed ||= other !== owner;
      }
    }
    return isMixed ? mainOwner(this.#inPixel) : owner;
  }

  /** The first sub-pixel of a pixel's row. */
  #placeOf(x: number, y: number, row: number): number {
    return (y * SUB_PIXELS + row) * this.#stride + x * SUB_PIXELS;
  }
}

function mainOwner(inPixel: Uint8Array): number {
  let owned = 0, best = 0, most = 0;
  for (const owner of inPixel) {
    if (owner === 0) continue;
    owned++;
    let count = 0;
    for (const other of inPixel) if (other === owner) count++;
    if (count > most || count === most && owner < best) [best, most] = [owner, count];
  }
  return 2 * owned > inPixel.length ? best : 0;
}
