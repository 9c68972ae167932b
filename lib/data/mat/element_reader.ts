/** Reads tagged elements, the building blocks of MATLAB level-5 files. */

import { MatError, type NumericClass } from "./mat_array.ts";

/** Element types of the format. */
export const MatType = { utf8: 16, utf16: 17, utf32: 18, matrix: 14, compressed: 15 } as const;

/** Limits the memory that one parse may allocate, so that a small file can't exhaust memory. */
export class Budget {
  #left: number;
  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** @throws {MatError} if `bytes` exceeds the rest of the budget. */
  spend(bytes: number): void {
    this.#left -= bytes;
    if (this.#left < 0) throw new MatError("the file expands to more memory than the limit for one file");
  }

  get left(): number {
    return this.#left;
  }
}

export interface Element {
  readonly type: number;
  readonly data: DataView;
}

/** Reads consecutive elements from a range of bytes. */
export class ElementReader {
  readonly #view: DataView;
  readonly #littleEndian: boolean;
  #at: number;

  constructor(view: DataView, littleEndian: boolean, start = 0) {
    this.#view = view;
    this.#littleEndian = littleEndian;
    this.#at = start;
  }

  get atEnd(): boolean {
    return this.#at >= this.#view.byteLength;
  }

  get remaining(): number {
    return Math.max(0, this.#view.byteLength - this.#at);
  }

  /**
   * The next element. Elements are padded to 8 bytes except compressed ones; data of at most 4 bytes may be
   * packed into the tag itself.
   *
   * @param what the element's name in errors
   * @throws {MatError} if the range ends before the element does.
   */
  next(what: string): Element {
    if (this.remaining < 8) throw new MatError(`the data end before ${what}; expected a tag of 8 bytes`);
    const first = this.#view.getUint32(this.#at, this.#littleEndian);
    const packed = first >>> 16;
    if (packed !== 0) {
      if (packed > 4) throw new MatError(`${what} packs ${packed} bytes into its tag; a tag holds at most 4`);
      const data = this.#slice(this.#at + 4, packed);
      this.#at += 8;
      return { type: first & 0xffff, data };
    }
    const size = this.#view.getUint32(this.#at + 4, this.#littleEndian);
    if (size > this.remaining - 8) {
      throw new MatError(`${what} states a size of ${size} bytes, but only ${this.remaining - 8} follow`);
    }
    const data = this.#slice(this.#at + 8, size);
    this.#at += 8 + (first === MatType.compressed ? size : Math.ceil(size / 8) * 8);
    return { type: first, data };
  }

  #slice(start: number, length: number): DataView {
    return new DataView(this.#view.buffer, this.#view.byteOffset + start, length);
  }
}

interface NumberType {
  readonly name: NumericClass;
  readonly size: number;
  readonly get: (view: DataView, at: number, littleEndian: boolean) => number | bigint;
}

const NUMBER_TYPES: Readonly<Record<number, NumberType>> = {
  1: { name: "int8", size: 1, get: (view, at) => view.getInt8(at) },
  2: { name: "uint8", size: 1, get: (view, at) => view.getUint8(at) },
  3: { name: "int16", size: 2, get: (view, at, little) => view.getInt16(at, little) },
  4: { name: "uint16", size: 2, get: (view, at, little) => view.getUint16(at, little) },
  5: { name: "int32", size: 4, get: (view, at, little) => view.getInt32(at, little) },
  6: { name: "uint32", size: 4, get: (view, at, little) => view.getUint32(at, little) },
  7: { name: "float32", size: 4, get: (view, at, little) => view.getFloat32(at, little) },
  9: { name: "float64", size: 8, get: (view, at, little) => view.getFloat64(at, little) },
  12: { name: "int64", size: 8, get: (view, at, little) => view.getBigInt64(at, little) },
  13: { name: "uint64", size: 8, get: (view, at, little) => view.getBigUint64(at, little) },
};

/**
 * The number type of an element, how many numbers it holds, and a function that reads one of them.
 *
 * @throws {MatError} if the element's type is not numeric or its size is not a multiple of the number's size.
 */
export function numbersOf(
  { type, data }: Element,
  littleEndian: boolean,
  what: string,
): { type: NumericClass; count: number; at: (index: number) => number | bigint } {
  const numberType = NUMBER_TYPES[type];
  if (!numberType) throw new MatError(`${what} has the element type ${type}, which is not numeric`);
  const { name, size, get } = numberType;
  if (data.byteLength % size !== 0) {
    throw new MatError(
      `${what} has ${data.byteLength} bytes, which is not a multiple of the number size, ${size} bytes`,
    );
  }
  return { type: name, count: data.byteLength / size, at: (index) => get(data, index * size, littleEndian) };
}
