/** COCO's compressed string of run lengths: differences in groups of five bits, one printable character each. */

import { RunLengthError, type RunLengths, runLengths } from "./rle.ts";

const FIRST_CHARACTER = 48;
const MORE = 0x20;
const SIGN = 0x10;
/** Seven groups of five bits hold every count below 2^31 and every difference of two. */
const MAX_GROUPS = 7;

/** The compressed string: from the fourth run on, the difference to the run before the last one is written. */
export function compressRunLengths({ counts }: RunLengths): string {
  const characters: number[] = [];
  for (let i = 0; i < counts.length; i++) {
    let value = i > 2 ? counts[i] - counts[i - 2] : counts[i];
    for (let more = true; more;) {
      const group = value & 0x1f;
      value >>= 5;
      more = group & SIGN ? value !== -1 : value !== 0;
      characters.push((more ? group | MORE : group) + FIRST_CHARACTER);
    }
  }
  const pieces: string[] = [];
  for (let i = 0; i < characters.length; i += 8192) {
    pieces.push(String.fromCharCode(...characters.slice(i, i + 8192)));
  }
  return pieces.join("");
}

/**
 * The run lengths that a compressed string describes for a mask of `width` × `height`.
 *
 * @throws {RunLengthError} for a character outside the code, an unfinished or overlong number, a negative
 * run, and runs that do not add up to height · width.
 */
export function decompressRunLengths(width: number, height: number, compressed: string): RunLengths {
  const counts: number[] = [];
  for (let at = 0; at < compressed.length;) {
    const start = at;
    let value = 0;
    for (let more = true, weight = 1; more; weight *= 32) {
      if (at === compressed.length) {
        throw new RunLengthError(`the compressed run lengths end within the number that begins at ${start}`);
      }
      const group = compressed.charCodeAt(at) - FIRST_CHARACTER;
      if (group < 0 || group > 63) {
        throw new RunLengthError(
          `character ${at} of the compressed run lengths is ${JSON.stringify(compressed[at])}, ` +
            `which is not between "0" and "o"`,
        );
      }
      if (++at - start > MAX_GROUPS) {
        throw new RunLengthError(`the number at ${start} of the compressed run lengths is too large`);
      }
      value += (group & 0x1f) * weight;
      more = (group & MORE) !== 0;
      if (!more && group & SIGN) value -= weight * 32;
    }
    if (counts.length > 2) value += counts[counts.length - 2];
    counts.push(value);
  }
  return runLengths(width, height, counts);
}
