/** A canvas of sub-pixels, each with a colour and an owner. Polygons are filled by scan lines. */

import { type Image, image } from "../../vision/image.ts";
import type { Outline } from "./outlines.ts";

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
    const ys = outline.map(([, y]) => y);
    const first = Math.max(0, Math.ceil(Math.min(...ys) - 0.5));
    const last = Math.min(this.side - 1, Math.floor(Math.max(...ys) - 0.5));
    for (let row = first; row <= last; row++) {
      let winding = 0;
      let from = 0;
      for (const { x, turn } of crossings(outline, row + 0.5)) {
        if (winding === 0) from = x;
        winding += turn;
        if (winding === 0) this.#fillSpan(row, from, x, paint, owner);
      }
    }
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
        let red = half, green = half, blue = half;
        for (let v = 0; v < SUB_PIXELS; v++) {
          const at = (y * SUB_PIXELS + v) * side + x * SUB_PIXELS;
          for (let u = 0; u < SUB_PIXELS; u++) {
            const colour = this.#colours[at + u];
            red += colour >> 16;
            green += (colour >> 8) & 255;
            blue += colour & 255;
          }
        }
        out[to] = red / count;
        out[to + 1] = green / count;
        out[to + 2] = blue / count;
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
    const inPixel = new Uint8Array(SUB_PIXELS * SUB_PIXELS);
    for (let y = 0, to = 0; y < size; y++) {
      for (let x = 0; x < size; x++, to++) {
        this.#gatherOwners(x, y, inPixel);
        out[to] = inPixel.every((owner) => owner === inPixel[0]) ? inPixel[0] : mainOwner(inPixel);
      }
    }
    return image(size, size, "GRAY", out);
  }

  #gatherOwners(x: number, y: number, inPixel: Uint8Array): void {
    for (let v = 0, to = 0; v < SUB_PIXELS; v++) {
      const at = (y * SUB_PIXELS + v) * this.side + x * SUB_PIXELS;
      for (let u = 0; u < SUB_PIXELS; u++) inPixel[to++] = this.#owners[at + u];
    }
  }
}

function mainOwner(inPixel: Uint8Array): number {
  const owned = inPixel.filter((owner) => owner !== 0).sort();
  if (2 * owned.length <= inPixel.length) return 0;
  const count = (owner: number) => owned.lastIndexOf(owner) - owned.indexOf(owner) + 1;
  return owned.reduce((best, owner) => count(owner) > count(best) ? owner : best);
}

interface Crossing {
  readonly x: number;
  /** +1 where the outline runs down, −1 where it runs up. */
  readonly turn: 1 | -1;
}

/** Where the outline crosses the horizontal line at `y`, from left to right. */
function crossings(outline: Outline, y: number): Crossing[] {
  const found: Crossing[] = [];
  let [fromX, fromY] = outline[outline.length - 1];
  for (const [toX, toY] of outline) {
    if (fromY <= y !== toY <= y) {
      const x = fromX + (y - fromY) * (toX - fromX) / (toY - fromY);
      found.push({ x, turn: toY > fromY ? 1 : -1 });
    }
    [fromX, fromY] = [toX, toY];
  }
  return found.sort((a, b) => a.x - b.x);
}
