/** Opens a weight file of any format, told by its content and not by its name. */

import type { HostTensor } from "../../tensor/host_tensor.ts";
import { type ByteSource, FileSource, MemorySource } from "./byte_source.ts";
import { looksLikeSafetensors, openSafetensors } from "./safetensors.ts";
import { looksLikePickle, openTorchLegacy } from "./torch_legacy.ts";
import { openTfjs } from "./tfjs.ts";
import { openTorchZip } from "./torch_zip.ts";
import type { WeightsFile } from "./weights_file.ts";
import { looksLikeZip } from "./zip.ts";

/**
 * Opens safetensors, PyTorch's zip and legacy formats, Lightning checkpoints, and the `model.json` of a
 * TensorFlow.js layers model. The caller closes the file.
 *
 * @param file a path, or a file's bytes (not of a layers model, whose shards are files of their own)
 * @throws {WeightsError} with the reason why the file can't be read. Nothing in it is executed, and it makes
 *   nothing allocate more than its own size explains.
 */
export function openWeights(file: string | Uint8Array): WeightsFile {
  const source = typeof file === "string" ? new FileSource(file) : new MemorySource(file, "weights");
  try {
    return openSource(source);
  } catch (error) {
    source.close();
    throw error;
  }
}

/** Every tensor of a weight file, by name; see {@link openWeights}. */
export function readWeights(file: string | Uint8Array): Map<string, HostTensor> {
  const weights = openWeights(file);
  try {
    return new Map([...weights.tensors.keys()].map((name) => [name, weights.read(name)]));
  } finally {
    weights.close();
  }
}

function openSource(source: ByteSource): WeightsFile {
  if (looksLikeZip(source)) return openTorchZip(source);
  if (looksLikePickle(source)) return openTorchLegacy(source);
  if (looksLikeSafetensors(source)) return openSafetensors(source);
  if (source instanceof FileSource && looksLikeJson(source)) {
    const model = openTfjs(source.file);
    source.close();
    return model;
  }
  // Too short for its length field and a header: cut rather than of another format.
  if (source.size <= 8) {
    source.fail("truncated", `has ${source.size} bytes, which is no weight file of any kind`);
  }
  source.fail(
    "malformed",
    "is no weight file: known are safetensors, PyTorch's zip and legacy formats, Lightning checkpoints and " +
      "TensorFlow.js layers models",
  );
}

function looksLikeJson(source: ByteSource): boolean {
  const beginning = source.read(0, Math.min(source.size, 64), "the beginning");
  return new TextDecoder().decode(beginning).trimStart().startsWith("{");
}
