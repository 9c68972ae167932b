/** Writes small MATLAB level-5 files, so that readers can be tested without any. */

import { deflateSync } from "node:zlib";

export type MatValue = number | string | readonly MatValue[] | {
  readonly struct: readonly Readonly<Record<string, MatValue>>[];
};

/** A level-5 file: numbers become 1 × 1 doubles, strings rows of characters, lists N × 1 cells, structs 1 × N arrays. */
export function matFile(variables: Readonly<Record<string, MatValue>>, compressed = false): Uint8Array {
  const header = new Uint8Array(128).fill(32);
  header.set(new TextEncoder().encode("MATLAB 5.0 MAT-file"));
  header.set([0x00, 0x01, 0x49, 0x4d], 124);
  const elements = Object.entries(variables).map(([name, value]) => {
    const matrix = array(name, value);
    return compressed ? element(15, deflateSync(matrix), false) : matrix;
  });
  return concatenate([header, ...elements]);
}

/** An N × 1 double array, for which `MatValue` has no form. */
export function numbersFile(
  name: string,
  numbers: readonly number[],
  others: Readonly<Record<string, MatValue>>,
): Uint8Array {
  const data = element(9, new Uint8Array(Float64Array.from(numbers).buffer));
  const matrix = element(14, concatenate([prefix(6, [numbers.length, 1], name), data]));
  return concatenate([matFile(others), matrix]);
}

function array(name: string, value: MatValue): Uint8Array {
  if (typeof value === "number") {
    const data = element(9, new Uint8Array(Float64Array.of(value).buffer));
    return element(14, concatenate([prefix(6, [1, 1], name), data]));
  }
  if (typeof value === "string") {
    const codes = Uint16Array.from(value, (character) => character.charCodeAt(0));
    const data = element(4, new Uint8Array(codes.buffer));
    return element(14, concatenate([prefix(4, [1, value.length], name), data]));
  }
  if ("struct" in value) {
    const fields = Object.keys(value.struct[0]);
    const names = concatenate(fields.map((field) => padded(new TextEncoder().encode(field), 32)));
    const cells = value.struct.flatMap((row) => fields.map((field) => array("", row[field])));
    const content = [element(5, int32(32)), element(1, names), ...cells];
    return element(14, concatenate([prefix(2, [1, value.struct.length], name), ...content]));
  }
  return element(
    14,
    concatenate([prefix(1, [value.length, 1], name), ...value.map((cell) => array("", cell))]),
  );
}

function prefix(arrayClass: number, shape: readonly number[], name: string): Uint8Array {
  return concatenate([
    element(6, int32(arrayClass, 0)),
    element(5, int32(...shape)),
    element(1, new TextEncoder().encode(name)),
  ]);
}

function element(type: number, data: Uint8Array, pad = true): Uint8Array {
  const length = pad ? Math.ceil(data.length / 8) * 8 : data.length;
  return concatenate([int32(type, data.length), padded(data, length)]);
}

function int32(...values: number[]): Uint8Array {
  return new Uint8Array(Int32Array.from(values).buffer);
}

function padded(data: Uint8Array, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set(data);
  return bytes;
}

function concatenate(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
