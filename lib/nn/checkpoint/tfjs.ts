/** Reads a TensorFlow.js layers model: a JSON manifest and its weight shards, including quantised groups. */

import { realpathSync, statSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { elementCount, type HostTensor } from "../../tensor/host_tensor.ts";
import { FileSource } from "./byte_source.ts";
import { float16Value } from "./half.ts";
import { parseManifest, STORED_BYTES, type TfjsGroup, type TfjsWeight } from "./tfjs_manifest.ts";
import { emptyTensor, entryOf, type WeightsFile } from "./weights_file.ts";

interface Shard {
  readonly path: string;
  readonly size: number;
}

interface Placed extends TfjsWeight {
  readonly shards: readonly Shard[];
  /** The start of the weight, in bytes, in the concatenated shards of its group. */
  readonly start: number;
}

/** The weights of a TensorFlow.js layers model and its configuration. */
export interface TfjsModel extends WeightsFile {
  /** The Keras configuration of the model, as stored in the file. */
  readonly topology: unknown;
}

/**
 * The weights of the layers model whose `model.json` is at `path`.
 *
 * @throws {WeightsError} "refused" if a shard is outside the manifest's folder, "truncated" if shards are
 * missing or shorter than the weights, "malformed" if the manifest is invalid or the shards have extra bytes.
 */
export function openTfjs(path: string): TfjsModel {
  const source = new FileSource(path);
  try {
    const { groups, topology } = parseManifest(source);
    const tensors = new Map<string, Placed>();
    const known = new Set<string>();
    for (const group of groups) {
      for (const weight of placeGroup(source, group, known)) {
        if (tensors.has(weight.name)) source.fail("malformed", `names the weight "${weight.name}" twice`);
        tensors.set(weight.name, weight);
      }
    }
    return {
      format: "tfjs layers-model",
      topology,
      tensors,
      read: (name) => readWeight(entryOf(tensors, name, path)),
      close() {},
    };
  } finally {
    source.close();
  }
}

/** @param known the shards used so far: using one twice would make the weights larger than the files */
function placeGroup(source: FileSource, group: TfjsGroup, known: Set<string>): Placed[] {
  const shards = group.paths.map((path) => {
    const shard = findShard(source, path);
    if (known.has(shard.path)) source.fail("malformed", `uses the shard ${JSON.stringify(path)} twice`);
    known.add(shard.path);
    return shard;
  });
  const available = shards.reduce((sum, { size }) => sum + size, 0);
  let start = 0;
  const placed = group.weights.map((weight) => {
    start += storedBytes(weight);
    return { ...weight, shards, start: start - storedBytes(weight) };
  });
  if (start !== available) {
    source.fail(
      start > available ? "truncated" : "malformed",
      `the weights of a group take ${start} bytes, but its shards (${
        group.paths.join(", ")
      }) have ${available}`,
    );
  }
  return placed;
}

function storedBytes({ shape, stored }: TfjsWeight): number {
  return elementCount(shape) * STORED_BYTES[stored];
}

/** The shard at `path`, which must be inside the manifest's folder after symbolic links are resolved. */
function findShard(source: FileSource, path: string): Shard {
  const steps = path.split("/");
  if (
    path.includes("\\") || path.includes(":") || path.includes("\0") || steps.includes("..") ||
    steps[0] === ""
  ) {
    source.fail(
      "refused",
      `names the shard ${JSON.stringify(path)}, which is outside the manifest's folder`,
    );
  }
  const folder = realpathSync(dirname(source.file));
  let real: string;
  try {
    real = realpathSync(join(folder, path));
  } catch {
    source.fail("truncated", `the shard ${JSON.stringify(path)} is missing`);
  }
  if (!real.startsWith(folder + sep)) {
    source.fail("refused", `the shard ${JSON.stringify(path)} is a link that leaves the manifest's folder`);
  }
  return { path: real, size: statSync(real).size };
}

function readWeight(weight: Placed): HostTensor {
  const { dtype, shape, stored, scale, min } = weight;
  if (scale === undefined && stored !== "float16") {
    const { tensor, bytes } = emptyTensor(dtype, shape);
    readAcross(weight, bytes);
    return tensor;
  }
  const packed = emptyTensor(stored === "uint8" ? "uint8" : "float16", shape);
  readAcross(weight, packed.bytes);
  const { tensor } = emptyTensor(dtype, shape);
  const codes = packed.tensor.data as Uint8Array | Uint16Array;
  for (let i = 0; i < codes.length; i++) {
    const value = scale === undefined ? float16Value(codes[i]) : dequantise(codes[i], scale, min!);
    tensor.data[i] = dtype === "int32" ? Math.round(value) : value;
  }
  return tensor;
}

/** value = code · scale + min. Each operation is rounded to float32, as in TensorFlow.js's converter. */
function dequantise(code: number, scale: number, min: number): number {
  return Math.fround(Math.fround(code * Math.fround(scale)) + Math.fround(min));
}

/** Fills `target` from the shards that contain the weight. */
function readAcross({ name, shards, start }: Placed, target: Uint8Array): void {
  let shardStart = 0;
  let done = 0;
  for (const { path, size } of shards) {
    const from = start + done - shardStart;
    if (done < target.byteLength && from < size) {
      const length = Math.min(size - from, target.byteLength - done);
      const source = new FileSource(path);
      try {
        source.readInto(target.subarray(done, done + length), from, `the weight "${name}"`);
      } finally {
        source.close();
      }
      done += length;
    }
    shardStart += size;
  }
}
