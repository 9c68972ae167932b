/** Parses one array of a MATLAB level-5 file and the arrays nested in it. */

import { type Budget, type Element, ElementReader, MatType, numbersOf } from "./element_reader.ts";
import { type MatArray, MatError, type NumericClass, type NumericData } from "./mat_array.ts";

/** Array classes of the format. */
const CELL = 1, STRUCT = 2, CHAR = 4;
const NUMERIC_CLASSES: Readonly<Record<number, NumericClass>> = {
  6: "float64",
  7: "float32",
  8: "int8",
  9: "uint8",
  10: "int16",
  11: "uint16",
  12: "int32",
  13: "uint32",
  14: "int64",
  15: "uint64",
};
const OTHER_CLASSES: Readonly<Record<number, string>> = {
  3: "an object",
  5: "a sparse array",
  16: "a function",
  17: "an object",
};
const COMPLEX_FLAG = 0x0800;

const NUMERIC_ARRAYS = {
  float64: Float64Array,
  float32: Float32Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
} as const;

const MAX_DEPTH = 32;
const MAX_DIMENSIONS = 32;
/** The approximate overhead of one array in memory, without its data. */
const BYTES_PER_ARRAY = 256;

/** Parses arrays that share one memory budget. */
export class MatrixParser {
  readonly #littleEndian: boolean;
  readonly #budget: Budget;

  constructor(littleEndian: boolean, budget: Budget) {
    this.#littleEndian = littleEndian;
    this.#budget = budget;
  }

  /**
   * The array in the data of a matrix element, and its name.
   *
   * @throws {MatError}
   */
  parse(data: DataView, depth = 0): { name: string; array: MatArray } {
    if (depth > MAX_DEPTH) throw new MatError(`arrays are nested more than ${MAX_DEPTH} deep`);
    this.#budget.spend(BYTES_PER_ARRAY);
    if (data.byteLength === 0) {
      return {
        name: "",
        array: {
          kind: "numeric",
          shape: [0, 0],
          class: "float64",
          storedAs: "float64",
          real: new Float64Array(),
        },
      };
    }
    const reader = new ElementReader(data, this.#littleEndian);
    const flags = this.#integers(reader.next("an array's flags"), "an array's flags");
    if (flags.length !== 2) throw new MatError(`an array has ${flags.length} flag words; expected 2`);
    const arrayClass = flags[0] & 0xff;
    if (arrayClass in OTHER_CLASSES) {
      throw new MatError(`a variable is ${OTHER_CLASSES[arrayClass]}, which is not supported`);
    }
    const shape = this.#shape(reader.next("an array's dimensions"));
    const name = latin1(reader.next("an array's name").data);
    const count = shape.reduce((product, length) => product * length, 1);
    return { name, array: this.#content(reader, arrayClass, flags[0], shape, count, depth) };
  }

  #content(
    reader: ElementReader,
    arrayClass: number,
    flags: number,
    shape: number[],
    count: number,
    depth: number,
  ): MatArray {
    if (arrayClass === CELL) {
      return { kind: "cell", shape, cells: this.#children(reader, count, depth, "a cell array") };
    }
    if (arrayClass === STRUCT) return this.#struct(reader, shape, count, depth);
    if (arrayClass === CHAR) {
      return { kind: "char", shape, rows: this.#rows(reader.next("an array's characters"), shape, count) };
    }
    const numericClass = NUMERIC_CLASSES[arrayClass];
    if (!numericClass) throw new MatError(`an array has the class ${arrayClass}, which does not exist`);
    const { storedAs, data: real } = this.#numbers(reader.next("an array's numbers"), numericClass, count);
    if ((flags & COMPLEX_FLAG) === 0) return { kind: "numeric", shape, class: numericClass, storedAs, real };
    const imaginary = this.#numbers(reader.next("an array's imaginary parts"), numericClass, count).data;
    return { kind: "numeric", shape, class: numericClass, storedAs, real, imaginary };
  }

  #struct(reader: ElementReader, shape: number[], count: number, depth: number): MatArray {
    const [nameBytes] = this.#integers(reader.next("the length of field names"), "the length of field names");
    const names = reader.next("field names").data;
    if (!(nameBytes > 0) || names.byteLength % nameBytes !== 0) {
      throw new MatError(
        `field names take ${names.byteLength} bytes, which is not a multiple of ${nameBytes} each`,
      );
    }
    const fields = Array.from({ length: names.byteLength / nameBytes }, (_, i) => {
      const text = latin1(new DataView(names.buffer, names.byteOffset + i * nameBytes, nameBytes));
      return text.split("\0", 1)[0];
    });
    if (new Set(fields).size !== fields.length) {
      throw new MatError(`a struct array has two fields of the same name: ${fields}`);
    }
    const values = this.#children(reader, count * fields.length, depth, "a struct array");
    return { kind: "struct", shape, fields, values };
  }

  #children(reader: ElementReader, count: number, depth: number, what: string): MatArray[] {
    // An element takes at least the 8 bytes of its tag.
    if (count > reader.remaining / 8) {
      throw new MatError(`${what} states ${count} elements, but only ${reader.remaining} bytes follow`);
    }
    const children: MatArray[] = [];
    for (let i = 0; i < count; i++) {
      const { type, data } = reader.next(`element ${i + 1} of ${what}`);
      if (type !== MatType.matrix) {
        throw new MatError(`element ${i + 1} of ${what} has the element type ${type}; expected an array`);
      }
      children.push(this.parse(data, depth + 1).array);
    }
    return children;
  }

  #shape(element: Element): number[] {
    const shape = this.#integers(element, "an array's dimensions");
    if (shape.length < 2 || shape.length > MAX_DIMENSIONS) {
      throw new MatError(`an array has ${shape.length} dimensions; expected 2 to ${MAX_DIMENSIONS}`);
    }
    if (shape.some((length) => length < 0)) {
      throw new MatError(`an array has the dimensions ${shape.join(" × ")}, one of which is negative`);
    }
    return shape;
  }

  #integers(element: Element, what: string): number[] {
    const { count, at } = numbersOf(element, this.#littleEndian, what);
    if (count > MAX_DIMENSIONS) {
      throw new MatError(`${what}: expected at most ${MAX_DIMENSIONS} numbers, but there are ${count}`);
    }
    return Array.from({ length: count }, (_, i) => {
      const value = Number(at(i));
      if (!Number.isInteger(value)) throw new MatError(`${what}: expected integers, but one is ${value}`);
      return value;
    });
  }

  /** Files store numbers in the smallest type that can hold them; they are converted to the array's class. */
  #numbers(
    element: Element,
    numericClass: NumericClass,
    expected: number,
  ): { storedAs: NumericClass; data: NumericData } {
    const { type: storedAs, count, at } = numbersOf(element, this.#littleEndian, "an array's numbers");
    requireCount(count, expected, "numbers");
    const Numbers = NUMERIC_ARRAYS[numericClass];
    this.#budget.spend(count * Numbers.BYTES_PER_ELEMENT);
    const data = new Numbers(count);
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
      for (let i = 0; i < count; i++) data[i] = toBigInt(at(i));
    } else {
      for (let i = 0; i < count; i++) data[i] = Number(at(i));
    }
    return { storedAs, data };
  }

  /** The rows of a character matrix, which is stored in column-major order. */
  #rows(element: Element, shape: readonly number[], expected: number): string[] {
    this.#budget.spend(element.data.byteLength * 8);
    const characters = this.#characters(element);
    requireCount(characters.length, expected, "characters");
    if (expected === 0) return [];
    if (shape.length > 2) {
      throw new MatError(`a character array of ${shape.length} dimensions is not supported`);
    }
    const [height] = shape;
    this.#budget.spend(height * 64);
    return Array.from({ length: height }, (_, row) => {
      let text = "";
      for (let i = row; i < characters.length; i += height) text += characters[i];
      return text;
    });
  }

  #characters(element: Element): string | string[] {
    const { type, data } = element;
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    if (type === MatType.utf8) return [...decode(bytes, "utf-8")];
    if (type === MatType.utf16) return decode(bytes, this.#littleEndian ? "utf-16le" : "utf-16be");
    if (type === MatType.utf32) throw new MatError("characters in UTF-32 are not supported");
    const { count, at } = numbersOf(element, this.#littleEndian, "an array's characters");
    return Array.from({ length: count }, (_, i) => {
      const code = Number(at(i));
      if (!(Number.isInteger(code) && code >= 0 && code <= 0xffff)) {
        throw new MatError(`${code} is not a character code`);
      }
      return String.fromCharCode(code);
    });
  }
}

function requireCount(count: number, expected: number, what: string): void {
  if (count !== expected) {
    throw new MatError(`an array's dimensions require ${expected} ${what}, but ${count} are stored`);
  }
}

function toBigInt(value: number | bigint): bigint {
  if (typeof value === "number" && !Number.isInteger(value)) {
    throw new MatError(`an array of 64-bit integers stores ${value}`);
  }
  return BigInt(value);
}

function decode(bytes: Uint8Array, encoding: string): string {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new MatError(`an array's characters are not ${encoding}`);
  }
}

function latin1(data: DataView): string {
  let text = "";
  for (let i = 0; i < data.byteLength; i++) text += String.fromCharCode(data.getUint8(i));
  return text;
}
