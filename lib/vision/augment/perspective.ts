/** The perspective transform of the reference's pipelines: four corners drawn near those of the image. */

import type { Image } from "../image.ts";
import { resizeLinear, resizeNearest } from "../resize/opencv.ts";
import { kernels } from "../simd/kernels.ts";
import { COORDINATE_BITS, type Interpolation, remap } from "./remap.ts";

/** Row-major 3 × 3, the last entry 1: source → destination in homogeneous coordinates. */
export type PerspectiveMatrix = readonly number[];

export interface Perspective {
  readonly matrix: PerspectiveMatrix;
  /** The size of the warped image, before it is stretched back. */
  readonly width: number;
  readonly height: number;
}

type Point = [x: number, y: number];

/**
 * The transform that takes four drawn corners to those of an image of their own size.
 *
 * @param draw how far each corner moves inwards, |N(0, σ)| as shares of the sides, taken mod 1: top left, top
 *   right, bottom right, bottom left
 * @throws {RangeError} when the draw is not four pairs of finite numbers.
 */
export function perspectiveOf(
  draw: readonly (readonly [x: number, y: number])[],
  { width, height }: { readonly width: number; readonly height: number },
): Perspective {
  if (draw.length !== 4 || !draw.flat().every(Number.isFinite)) {
    throw new RangeError(
      `a perspective needs four pairs of finite numbers, but ${JSON.stringify(draw)} was given`,
    );
  }
  const inwards = draw.map(([x, y]) => [Math.abs(x) % 1, Math.abs(y) % 1]);
  const [tl, tr, br, bl] = ordered([
    [inwards[0][0] * width, inwards[0][1] * height],
    [(1 - inwards[1][0]) * width, inwards[1][1] * height],
    [(1 - inwards[2][0]) * width, (1 - inwards[2][1]) * height],
    [inwards[3][0] * width, (1 - inwards[3][1]) * height],
  ]);
  const warpedWidth = widen(0, tl, tr, bl, br);
  const warpedHeight = widen(1, tl, bl, tr, br);
  const to: Point[] = [[0, 0], [warpedWidth, 0], [warpedWidth, warpedHeight], [0, warpedHeight]];
  return { matrix: quadrilateralMap([tl, tr, br, bl], to), width: warpedWidth, height: warpedHeight };
}

/** Top left, top right, bottom right, bottom left, in float32: the two leftmost are the left ones. */
function ordered(points: Point[]): Point[] {
  const [a, b, c, d] = points.sort((p, q) => p[0] - q[0]);
  const [tl, bl] = a[1] < b[1] ? [a, b] : [b, a];
  const [tr, br] = c[1] < d[1] ? [c, d] : [d, c];
  return [tl, tr, br, bl].map(([x, y]) => [Math.fround(x), Math.fround(y)]);
}

/**
 * The longer of the sides `from` → `to` and `fromToo` → `toToo`, in whole pixels; the points are moved apart along
 * `axis` first where a side is shorter than two pixels.
 */
function widen(axis: 0 | 1, from: Point, to: Point, fromToo: Point, toToo: Point): number {
  for (;;) {
    const sides = [distance(from, to), distance(fromToo, toToo)];
    const shorter = Math.trunc(Math.min(...sides));
    if (shorter >= 2) return Math.trunc(Math.max(...sides));
    const step = (2 - shorter) / 2;
    for (const point of [from, fromToo]) point[axis] = Math.fround(point[axis] - step);
    for (const point of [to, toToo]) point[axis] = Math.fround(point[axis] + step);
  }
}

function distance([x0, y0]: Point, [x1, y1]: Point): number {
  const f = Math.fround;
  const dx = f(x1 - x0);
  const dy = f(y1 - y0);
  return f(Math.sqrt(f(f(dx * dx) + f(dy * dy))));
}

/** The matrix that maps four points to four others, from the eight linear equations that it obeys. */
function quadrilateralMap(from: readonly Point[], to: readonly Point[]): PerspectiveMatrix {
  const rows: number[][] = [];
  from.forEach(([x, y], i) => {
    const [u, v] = to[i];
    rows.push([x, y, 1, 0, 0, 0, -x * u, -y * u, u], [0, 0, 0, x, y, 1, -x * v, -y * v, v]);
  });
  return [...solve(rows), 1];
}

/** Gauss–Jordan elimination with partial pivoting; each row ends with its right-hand side. */
function solve(rows: number[][]): number[] {
  const size = rows.length;
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let r = column + 1; r < size; r++) {
      if (Math.abs(rows[r][column]) > Math.abs(rows[pivot][column])) pivot = r;
    }
    [rows[column], rows[pivot]] = [rows[pivot], rows[column]];
    for (let r = 0; r < size; r++) {
      const factor = r === column ? 0 : rows[r][column] / rows[column][column];
      if (factor === 0) continue;
      for (let k = column; k <= size; k++) rows[r][k] -= factor * rows[column][k];
    }
  }
  return rows.map((row, i) => row[size] / row[i]);
}

/**
 * `source` warped by `perspective` and stretched back to its size; beyond its edges there is black.
 *
 * @throws {RangeError} when the matrix can't be inverted.
 */
export function warpPerspective(
  source: Image,
  perspective: Perspective,
  interpolation: Interpolation = "linear",
): Image {
  const resize = interpolation === "linear" ? resizeLinear : resizeNearest;
  return resize(warpToOwnSize(source, perspective, interpolation), source.width, source.height);
}

/** `source` warped to the size of `perspective`, in the arithmetic of `cv2.warpPerspective`. */
export function warpToOwnSize(
  source: Image,
  { matrix, width, height }: Perspective,
  interpolation: Interpolation = "linear",
): Image {
  const [a, b, c, d, e, f, g, h, i] = invert(matrix);
  const unit = interpolation === "linear" ? 1 << COORDINATE_BITS : 1;
  const coordinates = (y: number, xs: number, ys: number) =>
    kernels.perspective_row(xs, ys, xs + 4 * width, a, d, g, b * y + c, e * y + f, h * y + i, unit);
  return remap(source, width, height, coordinates, "constant", interpolation);
}

function invert(matrix: PerspectiveMatrix): number[] {
  const [a, b, c, d, e, f, g, h, i] = matrix;
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  if (!Number.isFinite(1 / determinant)) {
    throw new RangeError(`the perspective matrix [${matrix}] can't be inverted`);
  }
  return [
    e * i - f * h,
    c * h - b * i,
    b * f - c * e,
    f * g - d * i,
    a * i - c * g,
    c * d - a * f,
    d * h - e * g,
    b * g - a * h,
    a * e - b * d,
  ].map((cofactor) => cofactor / determinant);
}
