/** Opens a weight file of any format; the format is detected from the content, not from the name. */

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
 * @param file a path, or a file's bytes (not for a layers model, whose shards are separate files)
 * @throws {WeightsError} with the reason why the file can't be read. No code in the file is executed, and
 * memory use is bounded by the file's size.
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
  // Too short for a length field and a header: reported as truncated, not as an unknown format.
  if (source.size <= 8) {
    source.fail("truncated", `has ${source.size} bytes, too few for a weight file of any format`);
  }
  source.fail(
    "malformed",
    "is not a weight file; the supported formats are safetensors, PyTorch's zip and legacy formats, Lightning checkpoints and " +
      "TensorFlow.js layers models",
  );
}

function looksLikeJson(source: ByteSource): boolean {
  const beginning = source.read(0, Math.min(source.size, 64), "the beginning");
  return new TextDecoder().decode(beginning).trimStart().startsWith("{");
}
