/** A canvas of sub-pixels, each with a colour and an owner. Polygons are filled by scan lines. */

import { type Image, image } from "../../vision/image.ts";
import type { Outline } from "./outlines.ts";
import { forEachSpan } from "./scan_lines.ts";

/** 0xRRGGBB. */
export type Colour = number;

/** A uniform colour, a colour per row, or a colour per position. */
export type Paint = Colour | { readonly row: (y: number) => Colour } | ((x: number, y: number) => Colour);

/** Sub-pixels along one side of a pixel. */
export const SUB_PIXELS = 3;

export class Canvas {
  /** In sub-pixels. */
  readonly side: number;
  readonly #colours: Int32Array;
  readonly #owners: Uint8Array;

  /** @param size width and height in pixels */
  constructor(readonly size: number) {
    this.side = size * SUB_PIXELS;
    this.#colours = new Int32Array(this.side * this.side);
    this.#owners = new Uint8Array(this.side * this.side);
  }

  /**
   * Fills a polygon by the nonzero winding rule: a sub-pixel is inside if its centre is. Positions are in
   * sub-pixels.
   *
   * @param owner the id of the shape that owns the filled sub-pixels, 0 … 255
   */
  fill(outline: Outline, paint: Paint, owner: number): void {
    forEachSpan(outline, this.side, (row, from, to) => this.#fillSpan(row, from, to, paint, owner));
  }

  #fillSpan(row: number, from: number, to: number, paint: Paint, owner: number): void {
    const first = Math.max(0, Math.ceil(from - 0.5));
    const end = Math.min(this.side, Math.ceil(to - 0.5));
    if (end <= first) return;
    const at = row * this.side;
    this.#owners.fill(owner, at + first, at + end);
    if (typeof paint === "function") {
      for (let x = first; x < end; x++) this.#colours[at + x] = paint(x, row);
    } else {
      this.#colours.fill(typeof paint === "number" ? paint : paint.row(row), at + first, at + end);
    }
  }

  /** The mean colour of every pixel's sub-pixels, rounded. */
  image(): Image {
    const { size, side } = this;
    const count = SUB_PIXELS * SUB_PIXELS;
    const half = count >> 1;
    const out = new Uint8Array(size * size * 3);
    for (let y = 0, to = 0; y < size; y++) {
      for (let x = 0; x < size; x++, to += 3) {
        // Red and blue are added in one number: nine levels of a channel take 12 bits.
        let redAndBlue = 0, green = 0;
        for (let v = 0; v < SUB_PIXELS; v++) {
          const at = (y * SUB_PIXELS + v) * side + x * SUB_PIXELS;
          for (let u = 0; u < SUB_PIXELS; u++) {
            const colour = this.#colours[at + u];
            redAndBlue += colour & 0xff00ff;
            green += (colour >> 8) & 255;
          }
        }
        out[to] = ((redAndBlue >> 16) + half) / count;
        out[to + 1] = (green + half) / count;
        out[to + 2] = ((redAndBlue & 0xffff) + half) / count;
      }
    }
    return image(size, size, "RGB", out);
  }

  /**
   * The owner of every pixel: 0 if at most half of its sub-pixels have an owner, otherwise the most frequent
   * owner of its sub-pixels (the lowest id if several are equally frequent).
   */
  owners(): Image {
    const { size } = this;
    const out = new Uint8Array(size * size);
    for (let y = 0, to = 0; y < size; y++) {
      for (let x = 0; x < size; x++, to++) out[to] = this.#ownerOf(x, y);
    }
    return image(size, size, "GRAY", out);
  }

  #ownerOf(x: number, y: number): number {
    const owner = this.#owners[y * SUB_PIXELS * this.side + x * SUB_PIXELS];
    for (let v = 0; v < SUB_PIXELS; v++) {
      const at = (y * SUB_PIXELS + v) * this.side + x * SUB_PIXELS;
      for (let u = 0; u < SUB_PIXELS; u++) {
        if (this.#owners[at + u] !== owner) return mainOwner(this.#ownersIn(x, y));
      }
    }
    return owner;
  }

  #ownersIn(x: number, y: number): Uint8Array {
    const inPixel = new Uint8Array(SUB_PIXELS * SUB_PIXELS);
    for (let v = 0, to = 0; v < SUB_PIXELS; v++) {
      const at = (y * SUB_PIXELS + v) * this.side + x * SUB_PIXELS;
      for (let u = 0; u < SUB_PIXELS; u++) inPixel[to++] = this.#owners[at + u];
    }
    return inPixel;
  }
}

function mainOwner(inPixel: Uint8Array): number {
  const owned = inPixel.filter((owner) => owner !== 0).sort();
  if (2 * owned.length <= inPixel.length) return 0;
  const count = (owner: number) => owned.lastIndexOf(owner) - owned.indexOf(owner) + 1;
  return owned.reduce((best, owner) => count(owner) > count(best) ? owner : best);
}
