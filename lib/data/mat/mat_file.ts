/** Reads the variables of MATLAB level-5 files, compressed or not, in either byte order. */

import { inflateSync } from "node:zlib";
import { Budget, ElementReader, MatType } from "./element_reader.ts";
import { type MatArray, MatError } from "./mat_array.ts";
import { MatrixParser } from "./matrix_parser.ts";

/** A parsed level-5 file. */
export interface MatFile {
  readonly bigEndian: boolean;
  readonly variables: ReadonlyMap<string, MatArray>;
}

const HEADER_BYTES = 128;
/** The approximate memory limit for one file; the largest file of Stanford Cars needs 40 MB. */
const MAX_BYTES = 64 * 2 ** 20;

/**
 * The variables of a level-5 file. Numeric, logical, character, cell and struct arrays are supported. Sparse
 * arrays, objects and functions are rejected, and so are files of levels 4 and 7.3.
 *
 * @throws {MatError} with the fault. Any input is handled in bounded time and memory.
 */
export function parseMat(bytes: Uint8Array): MatFile {
  if (bytes.length > MAX_BYTES) {
    throw new MatError(`the file has ${bytes.length} bytes; at most ${MAX_BYTES} are read`);
  }
  const bigEndian = readByteOrder(bytes);
  const littleEndian = !bigEndian;
  const budget = new Budget(MAX_BYTES);
  const variables = new Map<string, MatArray>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const reader = new ElementReader(view, littleEndian, HEADER_BYTES);
  const parser = new MatrixParser(littleEndian, budget);
  while (!reader.atEnd) {
    let element = reader.next("a variable");
    if (element.type === MatType.compressed) {
      const inflated = inflate(element.data, budget);
      element = new ElementReader(inflated, littleEndian).next("a compressed variable");
    }
    if (element.type !== MatType.matrix) {
      throw new MatError(`a variable has the element type ${element.type}; expected ${MatType.matrix}`);
    }
    const { name, array } = parser.parse(element.data);
    variables.set(name, array);
  }
  return { bigEndian, variables };
}

function readByteOrder(bytes: Uint8Array): boolean {
  const signature = String.fromCharCode(...bytes.subarray(0, 4));
  if (signature === "\x89HDF") throw new MatError("the file is HDF5 (MAT 7.3); only level 5 is read");
  if (bytes.length < HEADER_BYTES) {
    throw new MatError(
      `the file has ${bytes.length} bytes, less than the ${HEADER_BYTES} of a level-5 header`,
    );
  }
  if (signature.includes("\0")) {
    throw new MatError("the file is of level 4 or not a MAT file; only level 5 is read");
  }
  const mark = String.fromCharCode(bytes[126], bytes[127]);
  if (mark !== "IM" && mark !== "MI") {
    throw new MatError("the file is not a MAT file of level 5: its header lacks the byte-order mark");
  }
  const bigEndian = mark === "MI";
  const version = bigEndian ? (bytes[124] << 8) | bytes[125] : (bytes[125] << 8) | bytes[124];
  if (version === 0x0200) throw new MatError("the file is HDF5 (MAT 7.3); only level 5 is read");
  if (version !== 0x0100) {
    throw new MatError(`the header states version 0x${version.toString(16)}; expected 0x100 (level 5)`);
  }
  return bigEndian;
}

function inflate(data: DataView, budget: Budget): DataView {
  const compressed = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  let inflated: Uint8Array;
  try {
    inflated = inflateSync(compressed, { maxOutputLength: Math.max(1, budget.left) });
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === "ERR_BUFFER_TOO_LARGE") {
      throw new MatError("a compressed variable expands to more memory than the limit for one file");
    }
    throw new MatError(`a compressed variable is not a zlib stream: ${(error as Error).message}`);
  }
  budget.spend(inflated.byteLength);
  return new DataView(inflated.buffer, inflated.byteOffset, inflated.byteLength);
}
