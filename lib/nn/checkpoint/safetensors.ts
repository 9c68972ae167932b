/**
 * Reads safetensors files: an 8-byte header length, a JSON header, and the tensors' bytes. Values are
 * bit-exact.
 */

import { arrayType, type DType, type HostTensor } from "../../tensor/host_tensor.ts";
import { type ByteSource, MemorySource } from "./byte_source.ts";
import { duplicateKey } from "./duplicate_keys.ts";
import {
  checkedElementCount,
  emptyTensor,
  entryOf,
  type TensorInfo,
  type WeightsFile,
} from "./weights_file.ts";

/** The element types by their names in the format. */
export const SAFETENSORS_DTYPES: Readonly<Record<string, DType>> = {
  F32: "float32",
  F64: "float64",
  F16: "float16",
  BF16: "bfloat16",
  I64: "int64",
  I32: "int32",
  I16: "int16",
  I8: "int8",
  U8: "uint8",
  BOOL: "bool",
};

const MAX_HEADER = 100_000_000;

interface Entry extends TensorInfo {
  /** The tensor's bytes in the data section are [start, end). */
  readonly start: number;
  readonly end: number;
}

/** Whether `source` can be a safetensors file: a header that begins with "{" follows the length field. */
export function looksLikeSafetensors(source: ByteSource): boolean {
  return source.size > 8 && source.read(8, 1, "the header")[0] === 0x7b;
}

/**
 * The tensors of a safetensors file.
 *
 * @throws {WeightsError} "truncated" or "malformed". The header is checked before any value is read: types,
 * shapes, and that the tensors cover the whole data section without overlaps or gaps.
 */
export function openSafetensors(source: ByteSource): WeightsFile {
  const prefix = source.read(0, 8, "the header's length field");
  const headerLength = Number(new DataView(prefix.buffer).getBigUint64(0, true));
  source.require(8, headerLength, "the header");
  if (headerLength > MAX_HEADER) {
    source.fail("malformed", `the header has ${headerLength} bytes; the format allows ${MAX_HEADER}`);
  }
  const dataStart = 8 + headerLength;
  const tensors = new Map<string, Entry>();
  for (const [name, value] of Object.entries(parseHeader(source, headerLength))) {
    if (name === "__metadata__") checkMetadata(source, value);
    else tensors.set(name, checkEntry(source, name, value));
  }
  checkLayout(source, tensors, source.size - dataStart);
  return {
    format: "safetensors",
    tensors,
    read(name) {
      const { dtype, shape, start } = entryOf(tensors, name, source.file);
      const { tensor, bytes } = emptyTensor(dtype, shape);
      source.readInto(bytes, dataStart + start, `the tensor "${name}"`);
      return tensor;
    },
    close: () => source.close(),
  };
}

/**
 * Every tensor of the safetensors file whose bytes are `bytes`, by name.
 *
 * @throws {WeightsError} see {@link openSafetensors}.
 */
export function decodeSafetensors(bytes: Uint8Array, file = "safetensors data"): Map<string, HostTensor> {
  const opened = openSafetensors(new MemorySource(bytes, file));
  return new Map([...opened.tensors.keys()].map((name) => [name, opened.read(name)]));
}

function parseHeader(source: ByteSource, length: number): Record<string, unknown> {
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(source.read(8, length, "the header"));
    header = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    source.fail("malformed", `the header is not JSON in UTF-8: ${error.message}`);
  }
  if (typeof header !== "object" || header === null || Array.isArray(header)) {
    source.fail("malformed", "the header is not a JSON object");
  }
  const twice = duplicateKey(text);
  if (twice !== undefined) source.fail("malformed", `the header names "${twice}" twice`);
  return header as Record<string, unknown>;
}

function checkMetadata(source: ByteSource, value: unknown): void {
  const strings = typeof value === "object" && value !== null && !Array.isArray(value) &&
    Object.values(value).every((entry) => typeof entry === "string");
  if (!strings) source.fail("malformed", '"__metadata__" is not an object of strings');
}

function checkEntry(source: ByteSource, name: string, value: unknown): Entry {
  const given = (value ?? {}) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown };
  const at = `the tensor "${name}"`;
  const dtype = Object.hasOwn(SAFETENSORS_DTYPES, String(given.dtype))
    ? SAFETENSORS_DTYPES[String(given.dtype)]
    : undefined;
  if (!dtype) {
    const known = Object.keys(SAFETENSORS_DTYPES).join(", ");
    source.fail("malformed", `${at} has the dtype ${JSON.stringify(given.dtype)}; expected one of ${known}`);
  }
  const count = checkedElementCount(given.shape);
  if (count === undefined) {
    source.fail(
      "malformed",
      `${at} has the shape ${JSON.stringify(given.shape)}; expected an array of non-negative integers`,
    );
  }
  const offsets = given.data_offsets;
  const [start, end] = Array.isArray(offsets) && offsets.length === 2 ? offsets : [NaN, NaN];
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end < start) {
    source.fail(
      "malformed",
      `${at} has the data_offsets ${JSON.stringify(offsets)}; expected [start, end] in bytes`,
    );
  }
  const bytes = count * arrayType(dtype).BYTES_PER_ELEMENT;
  if (end - start !== bytes) {
    source.fail(
      "malformed",
      `${at} of shape [${given.shape}] needs ${bytes} bytes, but its data_offsets span ${end - start}`,
    );
  }
  return { dtype, shape: given.shape as number[], start, end };
}

function checkLayout(source: ByteSource, tensors: ReadonlyMap<string, Entry>, available: number): void {
  const ordered = [...tensors].sort(([, a], [, b]) => a.start - b.start || a.end - b.end);
  let end = 0;
  for (const [name, entry] of ordered) {
    if (entry.start !== end) {
      const fault = entry.start < end ? "overlaps the tensor before it" : "leaves a gap before it";
      source.fail("malformed", `the tensor "${name}" ${fault}: it begins at ${entry.start}, expected ${end}`);
    }
    end = entry.end;
  }
  if (end > available) {
    source.fail("truncated", `the tensors take ${end} bytes of data, but the file has ${available}`);
  }
  if (end < available) {
    source.fail("malformed", `${available - end} bytes follow the last tensor`);
  }
}
