/** The arrays of a MATLAB level-5 file, and access to their values. */

import { MAX_KEPT_FAULTS } from "../data_set_error.ts";

/** MATLAB's numeric classes under numpy's names; logical arrays are uint8. */
export type NumericClass =
  | "float64"
  | "float32"
  | "int8"
  | "uint8"
  | "int16"
  | "uint16"
  | "int32"
  | "uint32"
  | "int64"
  | "uint64";

export type NumericData =
  | Float64Array
  | Float32Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** All arrays have at least two dimensions; their elements are in column-major order, as stored. */
export interface NumericArray {
  readonly kind: "numeric";
  readonly shape: readonly number[];
  readonly class: NumericClass;
  /** The type its numbers were stored in, which may be smaller; scipy's loadmat returns this one. */
  readonly storedAs: NumericClass;
  readonly real: NumericData;
  /** Present for complex arrays. */
  readonly imaginary?: NumericData;
}

export interface CharArray {
  readonly kind: "char";
  readonly shape: readonly number[];
  /** One string for each row of a matrix of characters; none where it is empty. */
  readonly rows: readonly string[];
}

export interface CellArray {
  readonly kind: "cell";
  readonly shape: readonly number[];
  readonly cells: readonly MatArray[];
}

export interface StructArray {
  readonly kind: "struct";
  readonly shape: readonly number[];
  readonly fields: readonly string[];
  /** Element after element, each with its fields in order. */
  readonly values: readonly MatArray[];
}

export type MatArray = NumericArray | CharArray | CellArray | StructArray;

/** A file or array that violates the format, or differs from what the caller expects. */
export class MatError extends Error {
  override name = "MatError";
  /** The first faults. */
  readonly faults: readonly string[];

  /** @param count how many faults there are, where not all of them are given */
  constructor(
    faults: string | readonly string[],
    readonly count = typeof faults === "string" ? 1 : faults.length,
  ) {
    super(typeof faults === "string" ? faults : faults.join("\n"));
    this.faults = typeof faults === "string" ? [faults] : faults;
  }
}

/**
 * What `read` makes of every item.
 *
 * @throws {MatError} with the faults of all items of which `read` throws one.
 */
export function readEach<T, Result>(items: Iterable<T>, read: (item: T, index: number) => Result): Result[] {
  const kept: string[] = [];
  const results: Result[] = [];
  let count = 0;
  let index = 0;
  for (const item of items) {
    try {
      results.push(read(item, index++));
    } catch (error) {
      if (!(error instanceof MatError)) throw error;
      kept.push(...error.faults.slice(0, MAX_KEPT_FAULTS - kept.length));
      count += error.count;
    }
  }
  if (count > 0) throw new MatError(kept, count);
  return results;
}

/**
 * The one integer that `array` holds.
 *
 * @param what names the value in errors
 * @throws {MatError}
 */
export function integerOf(array: MatArray, what: string): number {
  if (array.kind === "numeric" && array.real.length === 1 && !array.imaginary) {
    const value = Number(array.real[0]);
    if (Number.isSafeInteger(value)) return value;
  }
  throw new MatError(`${what} must be one integer, but is ${describe(array)}`);
}

/**
 * The one string that `array` holds.
 *
 * @throws {MatError}
 */
export function stringOf(array: MatArray, what: string): string {
  if (array.kind === "char" && array.rows.length === 1) return array.rows[0];
  throw new MatError(`${what} must be one string, but is ${describe(array)}`);
}

/** A struct array of scalars as a table: one row an element, numbers and strings by field. */
export interface StructTable {
  readonly fields: readonly string[];
  readonly rows: readonly ReadonlyMap<string, number | string>[];
}

/**
 * `array` as a table.
 *
 * @param what names the array in errors
 * @throws {MatError} where it is no struct array, or a field of a row is neither one integer nor one string.
 */
export function structTable(array: MatArray | undefined, what: string): StructTable {
  if (array?.kind !== "struct") {
    throw new MatError(`"${what}" must be a struct array, but is ${array ? describe(array) : "missing"}`);
  }
  const { fields, values } = array;
  const count = fields.length === 0 ? 0 : values.length / fields.length;
  const rows = readEach(Array(count).keys(), (row) =>
    new Map(readEach(fields, (field, column) => {
      const value = values[row * fields.length + column];
      const name = `${what}(${row + 1}).${field}`;
      return [field, value.kind === "char" ? stringOf(value, name) : integerOf(value, name)];
    })));
  return { fields, rows };
}

/** The strings of a cell array with cells that are strings, or cells of one string. */
export function cellStrings(array: MatArray | undefined, what: string): string[] {
  if (array?.kind !== "cell") {
    throw new MatError(`"${what}" must be a cell array, but is ${array ? describe(array) : "missing"}`);
  }
  return readEach(array.cells, (cell, i) => {
    const inner = cell.kind === "cell" && cell.cells.length === 1 ? cell.cells[0] : cell;
    return stringOf(inner, `${what}{${i + 1}}`);
  });
}

/** The integers of a numeric array, in the order they are stored. */
export function integersOf(array: MatArray | undefined, what: string): number[] {
  if (array?.kind !== "numeric" || array.imaginary) {
    throw new MatError(
      `"${what}" must be an array of integers, but is ${array ? describe(array) : "missing"}`,
    );
  }
  return readEach(array.real as Iterable<number | bigint>, (value, i) => {
    const number = Number(value);
    if (!Number.isSafeInteger(number)) {
      throw new MatError(`${what}(${i + 1}) is ${value}, which is no integer`);
    }
    return number;
  });
}

function describe(array: MatArray): string {
  const type = array.kind === "numeric" ? array.class : array.kind;
  return `a ${array.shape.join(" × ")} ${type} array`;
}
