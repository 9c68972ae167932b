/** Compares what a runner computed with what a case expects, within the case's tolerances. */

import type { HostTensor } from "../../lib/tensor/host_tensor.ts";
import type { Case, Json, Outcome, Tolerance } from "./case.ts";

/** Every difference as a line; an empty list means that the case passes. */
export function compare(testCase: Case, outcome: Outcome): string[] {
  const faults = [...(outcome.faults ?? [])];
  for (const [name, expected] of testCase.tensors) {
    if (!name.startsWith("out.") && !name.startsWith("grad.")) continue;
    const got = outcome.tensors?.[name];
    if (!got) faults.push(`${name}: expected, but not computed`);
    else faults.push(...compareTensor(name, got, expected, toleranceOf(testCase, name)));
  }
  for (const [name, expected] of Object.entries(testCase.expect)) {
    if (name === "error") continue;
    if (!outcome.values || !(name in outcome.values)) {
      faults.push(`expect.${name}: expected, but not computed`);
    } else {
      faults.push(...compareValue(name, outcome.values[name], expected, toleranceOf(testCase, name)));
    }
  }
  return faults;
}

export function toleranceOf(testCase: Case, name: string): Tolerance {
  return testCase.tolerance[name] ?? testCase.tolerance[`expect.${name}`] ?? testCase.tolerance.default ??
    { exact: true };
}

/** The worst difference of two tensors, as at most one line. */
export function compareTensor(
  name: string,
  got: HostTensor,
  expected: HostTensor,
  tolerance: Tolerance,
): string[] {
  if (got.shape.join() !== expected.shape.join()) {
    return [`${name}: shape [${got.shape}], expected [${expected.shape}]`];
  }
  const integers = !expected.dtype.startsWith("float");
  let wrong = 0;
  let worst = -1;
  let where = 0;
  for (let i = 0; i < expected.data.length; i++) {
    const a = Number(got.data[i]);
    const b = Number(expected.data[i]);
    if (withinTolerance(a, b, integers && tolerance.atol === undefined ? { exact: true } : tolerance)) {
      continue;
    }
    wrong++;
    const distance = Number.isFinite(a - b) ? Math.abs(a - b) : Infinity;
    if (distance > worst) [worst, where] = [distance, i];
  }
  if (wrong === 0) return [];
  return [
    `${name}: ${wrong} of ${expected.data.length} differ, most at ${where}: ` +
    `${got.data[where]}, expected ${expected.data[where]} (${JSON.stringify(tolerance)})`,
  ];
}

/** Every difference of two JSON values, objects and lists entered. */
export function compareValue(name: string, got: Json, expected: Json, tolerance: Tolerance): string[] {
  const wanted = numberOf(expected);
  if (typeof wanted === "number") {
    const value = numberOf(got);
    if (typeof value === "number" && withinTolerance(value, wanted, tolerance)) return [];
    return [`${name}: ${JSON.stringify(got)}, expected ${JSON.stringify(expected)}`];
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(got) || got.length !== expected.length) {
      return [`${name}: ${brief(got)}, expected ${brief(expected)}`];
    }
    return expected.flatMap((value, i) => compareValue(`${name}[${i}]`, got[i], value, tolerance));
  }
  if (expected !== null && typeof expected === "object") {
    if (got === null || typeof got !== "object") {
      return [`${name}: ${brief(got)}, expected ${brief(expected)}`];
    }
    return Object.entries(expected).flatMap(([key, value]) =>
      compareValue(`${name}.${key}`, got[key], value, tolerance)
    );
  }
  return got === expected ? [] : [`${name}: ${brief(got)}, expected ${brief(expected)}`];
}

/** |got − expected| ≤ atol + rtol·|expected|; NaN only against NaN, an infinity only against itself. */
export function withinTolerance(got: number, expected: number, tolerance: Tolerance): boolean {
  if (Number.isNaN(expected)) return Number.isNaN(got);
  if (got === expected) return true;
  if (tolerance.exact || !Number.isFinite(expected) || !Number.isFinite(got)) return false;
  if (tolerance.ulp !== undefined) {
    return Math.abs(floatOrdinal(got) - floatOrdinal(expected)) <= tolerance.ulp;
  }
  return Math.abs(got - expected) <= (tolerance.atol ?? 0) + (tolerance.rtol ?? 0) * Math.abs(expected);
}

const bits = new DataView(new ArrayBuffer(4));

/** The position of a float32 in the order of all float32 values. */
function floatOrdinal(value: number): number {
  bits.setFloat32(0, value);
  const ordinal = bits.getInt32(0);
  return ordinal < 0 ? -(ordinal & 0x7fffffff) : ordinal;
}

function numberOf(value: Json): Json {
  if (value === "NaN") return NaN;
  if (value === "Infinity") return Infinity;
  if (value === "-Infinity") return -Infinity;
  return value;
}

function brief(value: Json): string {
  const text = JSON.stringify(value) ?? "undefined";
  return text.length > 200 ? text.slice(0, 200) + "…" : text;
}
