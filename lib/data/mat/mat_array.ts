/** The arrays of a MATLAB level-5 file and functions that read their values. */

import { MAX_KEPT_FAULTS } from "../data_set_error.ts";

/** MATLAB's numeric classes by their numpy names; logical arrays are uint8. */
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

/** A numeric array. All arrays have at least two dimensions and column-major order, as stored. */
export interface NumericArray {
  readonly kind: "numeric";
  readonly shape: readonly number[];
  readonly class: NumericClass;
  /**
   * The number type in the file, which may be smaller than the array's class; scipy's loadmat returns this
   * type.
   */
  readonly storedAs: NumericClass;
  readonly real: NumericData;
  /** The imaginary parts; present only for complex arrays. */
  readonly imaginary?: NumericData;
}

export interface CharArray {
  readonly kind: "char";
  readonly shape: readonly number[];
  /** One string per row of a character matrix; none if the matrix is empty. */
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
  /** The field values of the first element, then those of the second, and so on. */
  readonly values: readonly MatArray[];
}

export type MatArray = NumericArray | CharArray | CellArray | StructArray;

/** A file or array that violates the format or differs from the type that the caller expects. */
export class MatError extends Error {
  override name = "MatError";
  /** The faults; the first ones if there are many. */
  readonly faults: readonly string[];

  /** @param count the total number of faults, if `faults` does not hold all of them */
  constructor(
    faults: string | readonly string[],
    readonly count = typeof faults === "string" ? 1 : faults.length,
  ) {
    super(typeof faults === "string" ? faults : faults.join("\n"));
    this.faults = typeof faults === "string" ? [faults] : faults;
  }
}

/**
 * The results of `read` for all items.
 *
 * @throws {MatError} with the faults of all items for which `read` throws a `MatError`.
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
 * The value of an array with exactly one integer.
 *
 * @param what the name of the value in error messages
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
 * The value of an array with exactly one string.
 *
 * @throws {MatError}
 */
export function stringOf(array: MatArray, what: string): string {
  if (array.kind === "char" && array.rows.length === 1) return array.rows[0];
  throw new MatError(`${what} must be one string, but is ${describe(array)}`);
}

/** A struct array of scalars as a table: one row per element, with numbers and strings by field. */
export interface StructTable {
  readonly fields: readonly string[];
  readonly rows: readonly ReadonlyMap<string, number | string>[];
}

/**
 * `array` as a table.
 *
 * @param what the name of the array in error messages
 * @throws {MatError} if `array` is not a struct array, or a field of a row is neither one integer nor one
 * string.
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

/** The strings of a cell array whose cells are strings, or cell arrays of one string. */
export function cellStrings(array: MatArray | undefined, what: string): string[] {
  if (array?.kind !== "cell") {
    throw new MatError(`"${what}" must be a cell array, but is ${array ? describe(array) : "missing"}`);
  }
  return readEach(array.cells, (cell, i) => {
    const inner = cell.kind === "cell" && cell.cells.length === 1 ? cell.cells[0] : cell;
    return stringOf(inner, `${what}{${i + 1}}`);
  });
}

/** The integers of a numeric array, in the order in which they are stored. */
export function integersOf(array: MatArray | undefined, what: string): number[] {
  if (array?.kind !== "numeric" || array.imaginary) {
    throw new MatError(
      `"${what}" must be an array of integers, but is ${array ? describe(array) : "missing"}`,
    );
  }
  return readEach(array.real as Iterable<number | bigint>, (value, i) => {
    const number = Number(value);
    if (!Number.isSafeInteger(number)) {
      throw new MatError(`${what}(${i + 1}) must be an integer, but is ${value}`);
    }
    return number;
  });
}

function describe(array: MatArray): string {
  const type = array.kind === "numeric" ? array.class : array.kind;
  return `a ${array.shape.join(" × ")} ${type} array`;
}
