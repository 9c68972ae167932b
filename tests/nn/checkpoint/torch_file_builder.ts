/** Builds PyTorch files opcode by opcode, so that tests can hold what PyTorch itself would never write. */

import { crc32 } from "node:zlib";

const encoder = new TextEncoder();

/** The bytes of `parts`, one after the other; a number is a byte, a string its UTF-8. */
export function bytes(...parts: (number | string | Uint8Array)[]): Uint8Array<ArrayBuffer> {
  const chunks = parts.map((part) =>
    typeof part === "number" ? Uint8Array.of(part) : typeof part === "string" ? encoder.encode(part) : part
  );
  const joined = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined;
}

/** `value` in `length` bytes, little-endian. */
export function little(value: number | bigint, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Number((BigInt(value) >> BigInt(8 * i)) & 0xffn));
}

export const text = (value: string) => bytes("X", little(encoder.encode(value).length, 4), value);
export const integer = (value: number) => bytes(0x8a, 8, little(BigInt(value), 8));
export const tuple = (...items: Uint8Array[]) => bytes("(", ...items, "t");
export const named = (module: string, name: string) => bytes("c", module, "\n", name, "\n");
export const call = (callable: Uint8Array, ...args: Uint8Array[]) => bytes(callable, tuple(...args), "R");
export const dict = (...items: [string, Uint8Array][]) =>
  bytes("}(", ...items.flatMap(([key, value]) => [text(key), value]), "u");
export const pickle = (value: Uint8Array) => bytes(0x80, 2, value, ".");

/** The persistent id of a storage. */
export function storage(
  key: string,
  length: number,
  type = "FloatStorage",
  ...view: Uint8Array[]
): Uint8Array {
  return bytes(
    tuple(text("storage"), named("torch", type), text(key), text("cpu"), integer(length), ...view),
    "Q",
  );
}

/** A tensor that is a strided view of a storage. */
export function tensor(on: Uint8Array, shape: number[], strides: number[], offset = 0): Uint8Array {
  return call(
    named("torch._utils", "_rebuild_tensor_v2"),
    on,
    integer(offset),
    tuple(...shape.map(integer)),
    tuple(...strides.map(integer)),
    bytes(0x89),
    call(named("collections", "OrderedDict")),
  );
}

/** The bytes of float32 values. */
export const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);

export interface ZipContent {
  readonly name: string;
  readonly data: Uint8Array;
  readonly method?: number;
  readonly crc?: number;
  /** Sizes and offset as zip64 writes them. */
  readonly zip64?: boolean;
}

/** A zip archive of stored entries. */
export function zip(entries: readonly ZipContent[]): Uint8Array<ArrayBuffer> {
  const locals: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const { name, data, method = 0, crc = crc32(data), zip64 = false } of entries) {
    const size = little(data.length, 4);
    const local = bytes(
      "PK\x03\x04",
      little(0, 4),
      little(method, 2),
      little(0, 4),
      little(crc, 4),
      size,
      size,
      little(name.length, 2),
      little(0, 2),
      name,
      data,
    );
    const wide = bytes(
      little(1, 2),
      little(24, 2),
      ...[data.length, data.length, offset].map((n) => little(n, 8)),
    );
    const extra = zip64 ? wide : new Uint8Array(0);
    directory.push(bytes(
      "PK\x01\x02",
      little(0, 6),
      little(method, 2),
      little(0, 4),
      little(crc, 4),
      zip64 ? little(0xffffffff, 4) : size,
      zip64 ? little(0xffffffff, 4) : size,
      little(name.length, 2),
      little(extra.length, 2),
      little(0, 10),
      little(zip64 ? 0xffffffff : offset, 4),
      name,
      extra,
    ));
    locals.push(local);
    offset += local.length;
  }
  const central = bytes(...directory);
  const count = little(entries.length, 2);
  return bytes(
    ...locals,
    central,
    "PK\x05\x06",
    little(0, 4),
    count,
    count,
    little(central.length, 4),
    little(offset, 4),
    little(0, 2),
  );
}

/** A file of PyTorch's zip format: the pickled object and its storages by key. */
export function torchZip(object: Uint8Array, storages: Readonly<Record<string, Uint8Array>> = {}) {
  return zip([
    { name: "archive/data.pkl", data: pickle(object) },
    ...Object.entries(storages).map(([key, data]) => ({ name: `archive/data/${key}`, data })),
  ]);
}

/** A file of PyTorch's legacy format; storages are [key, elements, bytes]. */
export function torchLegacy(object: Uint8Array, storages: readonly [string, number, Uint8Array][] = []) {
  return bytes(
    pickle(bytes(0x8a, 10, little(0x1950a86a20f9469cfc6cn, 10))),
    pickle(bytes("M", little(1001, 2))),
    pickle(dict(["little_endian", bytes(0x88)])),
    pickle(object),
    pickle(bytes("](", ...storages.map(([key]) => text(key)), "e")),
    ...storages.map(([, length, data]) => bytes(little(length, 8), data)),
  );
}
