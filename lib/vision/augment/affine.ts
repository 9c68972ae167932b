/** The affine transform of the reference's pipelines, and the warp that applies it. */

import type { Image } from "../image.ts";
import { roundHalfEven } from "../rounding.ts";
import { kernels } from "../simd/kernels.ts";
import { type Border, COORDINATE_BITS, type Interpolation, remap } from "./remap.ts";

/** [m00, m01, m02, m10, m11, m12]: (x, y) → (m00·x + m01·y + m02, m10·x + m11·y + m12). */
export type AffineMatrix = readonly [number, number, number, number, number, number];

/** Translation in pixels, shear and rotation in degrees, all as they enter the matrix. */
export interface AffineParameters {
  readonly scale: readonly [x: number, y: number];
  readonly translate: readonly [x: number, y: number];
  readonly shear: readonly [x: number, y: number];
  readonly rotate: number;
}

/**
 * The map from source to destination of an image of the given size: with c its middle, p' = L·(p − c) + t + c,
 *
 *     L = [ sx·cos r   −sy·(tan shx·cos r + sin r) ] · [    1      0 ]
 *         [ sx·sin r   −sy·(tan shx·sin r − cos r) ]   [ tan shy   1 ]
 */
export function affineMatrix(
  { scale: [sx, sy], translate: [tx, ty], shear, rotate }: AffineParameters,
  { width, height }: { readonly width: number; readonly height: number },
): AffineMatrix {
  const radians = Math.PI / 180;
  const cos = Math.cos(rotate * radians);
  const sin = Math.sin(rotate * radians);
  const tanX = Math.tan(shear[0] * radians);
  const tanY = Math.tan(shear[1] * radians);
  const m01 = -sy * (tanX * cos + sin);
  const m11 = -sy * (tanX * sin - cos);
  const m00 = sx * cos + m01 * tanY;
  const m10 = sx * sin + m11 * tanY;
  const cx = width / 2 - 0.5;
  const cy = height / 2 - 0.5;
  return [m00, m01, tx + cx - m00 * cx - m01 * cy, m10, m11, ty + cy - m10 * cx - m11 * cy];
}

/** Bits of a coordinate below one pixel while it is summed up. */
const SUM_BITS = 10;

/**
 * `source` moved by `matrix` (source → destination), same size, in the arithmetic of `cv2.warpAffine`. A matrix
 * within 10⁻⁸ + 10⁻⁵·|identity| of the identity returns the source itself.
 *
 * @throws {RangeError} when the matrix can't be inverted.
 */
export function warpAffine(
  source: Image,
  matrix: AffineMatrix,
  border: Border,
  interpolation: Interpolation = "linear",
): Image {
  if (isIdentity(matrix)) return source;
  const [a, b, dx, c, d, dy] = invert(matrix);
  const { width, height } = source;
  const unit = 1 << SUM_BITS;
  const shift = SUM_BITS - (interpolation === "linear" ? COORDINATE_BITS : 0);
  const half = 1 << (shift - 1);
  const coordinates = (y: number, xs: number, ys: number) => {
    const rowX = roundHalfEven((b * y + dx) * unit) + half;
    const rowY = roundHalfEven((d * y + dy) * unit) + half;
    kernels.affine_row(xs, ys, xs + 4 * width, a * unit, c * unit, rowX, rowY, shift);
  };
  return remap(source, width, height, coordinates, border, interpolation);
}

const IDENTITY: AffineMatrix = [1, 0, 0, 0, 1, 0];

function isIdentity(matrix: AffineMatrix): boolean {
  return matrix.every((value, i) => Math.abs(value - IDENTITY[i]) <= 1e-8 + 1e-5 * IDENTITY[i]);
}

function invert(matrix: AffineMatrix): AffineMatrix {
  const [m00, m01, m02, m10, m11, m12] = matrix;
  const determinant = m00 * m11 - m01 * m10;
  if (!Number.isFinite(1 / determinant)) {
    throw new RangeError(`the affine matrix [${matrix}] can't be inverted`);
  }
  const a = m11 / determinant;
  const b = -m01 / determinant;
  const c = -m10 / determinant;
  const d = m00 / determinant;
  return [a, b, -a * m02 - b * m12, c, d, -c * m02 - d * m12];
}
