/** Writes safetensors files atomically; the same tensors give the same bytes. */

import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import type { DType, HostTensor } from "../../tensor/host_tensor.ts";
import { SAFETENSORS_DTYPES } from "./safetensors.ts";

const NAMES = new Map<DType, string>(
  Object.entries(SAFETENSORS_DTYPES).map(([name, dtype]) => [dtype, name]),
);

/**
 * Writes `tensors` to a temporary file and renames it to `path`, so that `path` never holds an incomplete
 * file. Tensors are sorted by element size, the largest first, then by name. The header is padded so that
 * every tensor is aligned to its element size.
 *
 * @param metadata strings for the header
 */
export function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, HostTensor>,
  metadata: Readonly<Record<string, string>> = {},
): void {
  const temporary = `${path}.${crypto.randomUUID()}.part`;
  const ordered = inFileOrder(tensors);
  try {
    const descriptor = openSync(temporary, "wx");
    try {
      writeAll(descriptor, encodeHeader(ordered, metadata));
      for (const [, { data }] of ordered) {
        writeAll(descriptor, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      }
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** The bytes that {@link writeSafetensors} writes. */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, HostTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const ordered = inFileOrder(tensors);
  const header = encodeHeader(ordered, metadata);
  const bytes = new Uint8Array(
    ordered.reduce((total, [, { data }]) => total + data.byteLength, header.length),
  );
  bytes.set(header);
  ordered.reduce((at, [, { data }]) => {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    return at + data.byteLength;
  }, header.length);
  return bytes;
}

function inFileOrder(tensors: ReadonlyMap<string, HostTensor>): [string, HostTensor][] {
  if (tensors.has("__metadata__")) {
    throw new RangeError('a tensor has the name "__metadata__", which is reserved in safetensors; rename it');
  }
  return [...tensors].sort(([nameA, a], [nameB, b]) =>
    b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT || (nameA < nameB ? -1 : 1)
  );
}

function encodeHeader(
  ordered: readonly [string, HostTensor][],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  let offset = 0;
  const entries = ordered.map(([name, { dtype, shape, data }]) => {
    const start = offset;
    offset += data.byteLength;
    return [name, { dtype: NAMES.get(dtype), shape, data_offsets: [start, offset] }] as const;
  });
  const extra = Object.keys(metadata).length > 0 ? [["__metadata__", metadata] as const] : [];
  // Not built by Object.fromEntries, which would move names that look like integers to the front.
  const text = `{${
    [...extra, ...entries].map(([name, entry]) => `${JSON.stringify(name)}:${JSON.stringify(entry)}`).join()
  }}`;
  const json = new TextEncoder().encode(text);
  const length = Math.ceil(json.byteLength / 8) * 8;
  const header = new Uint8Array(8 + length).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(json, 8);
  return header;
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.byteLength;) {
    done += writeSync(descriptor, bytes, done, bytes.byteLength - done);
  }
}
