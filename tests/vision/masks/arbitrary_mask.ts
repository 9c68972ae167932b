/** Random masks for property tests. */

import fc from "fast-check";
import { type Mask, mask } from "../../../lib/vision/image.ts";

/** Masks of up to `longest` × `longest` pixels. */
export function arbitraryMask(longest: number): fc.Arbitrary<Mask> {
  return fc.tuple(fc.integer({ min: 1, max: longest }), fc.integer({ min: 1, max: longest })).chain((
    [width, height],
  ) =>
    fc.array(fc.integer({ min: 0, max: 1 }), { minLength: width * height, maxLength: width * height })
      .map((bits) => mask(width, height, Uint8Array.from(bits)))
  );
}

/** A mask drawn with "#" for 1, row by row. */
export function drawn(...rows: string[]): Mask {
  return mask(
    rows[0].length,
    rows.length,
    Uint8Array.from(rows.join(""), (character) => character === "#" ? 1 : 0),
  );
}
