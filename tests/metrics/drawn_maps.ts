/** Small maps written as text, and comparisons of lists of numbers. */

import assert from "node:assert";
import { float32, type HostTensor } from "../../lib/tensor/host_tensor.ts";

/** A map of rows separated by "/": single digits, or numbers separated by blanks. */
export function drawnMap(text: string): HostTensor<"float32"> {
  const rows = text.split("/").map((row) => row.includes(" ") ? row.trim().split(/ +/) : [...row]);
  return float32([rows.length, rows[0].length], rows.flat().map(Number));
}

/** A stack of maps of one size. */
export function drawnMaps(...texts: string[]): HostTensor<"float32"> {
  const maps = texts.map(drawnMap);
  return float32([maps.length, ...maps[0].shape], maps.flatMap(({ data }) => [...data]));
}

/** Equal within 1e-6, NaN to NaN and an infinity to itself. */
export function assertNear(got: ArrayLike<number>, expected: readonly number[]): void {
  assert.strictEqual(got.length, expected.length);
  expected.forEach((value, i) =>
    assert.ok(
      Object.is(got[i], value) || Math.abs(got[i] - value) <= 1e-6,
      `value ${i} is ${got[i]}, expected ${value}`,
    )
  );
}
