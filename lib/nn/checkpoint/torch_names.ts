/** Finds the tensors of an unpickled PyTorch object and names them by their path of dict keys. */

import type { ByteSource } from "./byte_source.ts";
import { isTagged, type PickleValue, type TorchTensor } from "./pickle_values.ts";

const MAX_DEPTH = 64;
/** The limit of visited dicts and tensors; an object is counted once for every path to it. */
const MAX_VISITS = 1_000_000;

/**
 * The tensors of `root` by name. The keys of nested dicts are joined by dots. Other values and the contents
 * of lists are ignored.
 *
 * @throws {WeightsError} "malformed" if the dicts are nested too deeply or cyclically, if a tensor's key is
 * not a string or integer, or if two tensors have the same name.
 */
export function namedTensors(root: PickleValue, source: ByteSource): Map<string, TorchTensor> {
  const found = new Map<string, TorchTensor>();
  let visits = 0;
  // If a pickle reuses a long key many times, the names could take far more memory than the file.
  let characters = 8 * source.size + (1 << 20);
  const enter = (dict: Map<PickleValue, PickleValue>, path: readonly string[]) => {
    if (path.length > MAX_DEPTH) source.fail("malformed", `nests dicts deeper than ${MAX_DEPTH}`);
    for (const [key, value] of dict) {
      const isTensor = isTagged(value, "tensor");
      if (!isTensor && !(value instanceof Map)) continue;
      if (++visits > MAX_VISITS) source.fail("malformed", `holds more than ${MAX_VISITS} dicts and tensors`);
      const inner = [...path, keyName(key)];
      if (!isTensor) {
        enter(value, inner);
        continue;
      }
      if (typeof key !== "string" && typeof key !== "number") {
        source.fail(
          "malformed",
          `has a tensor in "${path.join(".")}" whose key is not a string or integer`,
        );
      }
      const name = inner.join(".");
      characters -= name.length;
      if (characters < 0) {
        source.fail(
          "malformed",
          "has tensor names whose total length is out of proportion to the file's size",
        );
      }
      if (found.has(name)) source.fail("malformed", `holds two tensors named "${name}"`);
      found.set(name, value);
    }
  };
  if (isTagged(root, "tensor")) {
    source.fail("malformed", "holds a single tensor without a name; expected a dict of tensors");
  }
  if (!(root instanceof Map)) source.fail("malformed", "does not hold a dict of tensors");
  enter(root, []);
  return found;
}

function keyName(key: PickleValue): string {
  return typeof key === "string" || typeof key === "number" ? String(key) : "?";
}
