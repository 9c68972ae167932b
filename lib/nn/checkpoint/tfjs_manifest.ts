/**
 * Parses the manifest of a TensorFlow.js layers model, which describes its weights; checked before any weight
 * is read.
 */

import type { DType } from "../../tensor/host_tensor.ts";
import type { ByteSource } from "./byte_source.ts";
import { checkedElementCount } from "./weights_file.ts";

/** Bytes per element in a shard, by stored type. */
export const STORED_BYTES = { float32: 4, int32: 4, bool: 1, uint8: 1, uint16: 2, float16: 2 } as const;

export interface TfjsWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** The type in the shards; smaller than `dtype` if the weight is quantised. */
  readonly stored: keyof typeof STORED_BYTES;
  /** For a quantised weight: value = code · scale + min. */
  readonly scale?: number;
  readonly min?: number;
}

export interface TfjsGroup {
  readonly paths: readonly string[];
  readonly weights: readonly TfjsWeight[];
}

/**
 * The size limit of a manifest, because parsed JSON takes several times its size in memory. ResNet-50's
 * manifest has 0.1 MB.
 */
const MAX_MANIFEST = 100_000_000;

const PLAIN = new Set(["float32", "int32", "bool", "uint8"]);
const QUANTISED = new Set(["uint8", "uint16", "float16"]);

/**
 * The weight groups and the model configuration of the manifest in `source`.
 *
 * @throws {WeightsError} "malformed", or "truncated" if the file is empty.
 */
export function parseManifest(source: ByteSource): { groups: TfjsGroup[]; topology: unknown } {
  if (source.size === 0) source.fail("truncated", "is empty");
  if (source.size > MAX_MANIFEST) {
    source.fail("malformed", `has ${source.size} bytes; a manifest may have at most ${MAX_MANIFEST}`);
  }
  let json: { weightsManifest?: unknown; modelTopology?: unknown };
  try {
    json = JSON.parse(
      new TextDecoder("utf-8", { fatal: true }).decode(source.read(0, source.size, "the manifest")),
    );
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    source.fail("malformed", `is not JSON in UTF-8: ${error.message}`);
  }
  const manifest = json?.weightsManifest;
  if (!Array.isArray(manifest)) {
    source.fail("malformed", 'has no array "weightsManifest", so it is not a layers model');
  }
  return { groups: manifest.map((group) => parseGroup(source, group)), topology: json.modelTopology };
}

function parseGroup(source: ByteSource, group: { paths?: unknown; weights?: unknown } | null): TfjsGroup {
  const { paths, weights } = group ?? {};
  if (!Array.isArray(paths) || !paths.every((path) => typeof path === "string") || !Array.isArray(weights)) {
    source.fail("malformed", 'has a weight group without the arrays "paths" and "weights"');
  }
  return { paths, weights: weights.map((weight) => parseWeight(source, weight)) };
}

function parseWeight(source: ByteSource, weight: Record<string, unknown> | null): TfjsWeight {
  const { name, shape, dtype, quantization } = weight ?? {};
  if (typeof name !== "string") source.fail("malformed", "has a weight without a name");
  const at = `the weight "${name}"`;
  if (checkedElementCount(shape) === undefined) {
    source.fail(
      "malformed",
      `${at} has the shape ${JSON.stringify(shape)}; expected an array of non-negative integers`,
    );
  }
  if (typeof dtype !== "string" || !PLAIN.has(dtype)) {
    source.fail(
      "malformed",
      `${at} has the dtype ${JSON.stringify(dtype)}; expected one of ${[...PLAIN].join(", ")}`,
    );
  }
  const plain = { name, shape: shape as number[], dtype: dtype as DType };
  if (quantization === undefined) return { ...plain, stored: dtype as TfjsWeight["stored"] };
  const { dtype: stored, scale, min } = (quantization ?? {}) as Record<string, unknown>;
  const isScaled = typeof scale === "number" && typeof min === "number";
  const fits = (dtype === "float32" || dtype === "int32") && typeof stored === "string" &&
    QUANTISED.has(stored) &&
    (stored === "float16" ? dtype === "float32" : isScaled);
  if (!fits) {
    source.fail(
      "malformed",
      `${at} of ${dtype} has an unsupported quantization: ${JSON.stringify(quantization)}`,
    );
  }
  const codes = stored as TfjsWeight["stored"];
  return isScaled && stored !== "float16"
    ? { ...plain, stored: codes, scale, min }
    : { ...plain, stored: codes };
}
