/** Finds the tensors of an unpickled PyTorch object and names them by their path of dict keys. */

import type { ByteSource } from "./byte_source.ts";
import { isTagged, type PickleValue, type TorchTensor } from "./pickle_values.ts";

const MAX_DEPTH = 64;
/** Dicts that are entered, counted again for every way that leads to them. */
const MAX_VISITS = 1_000_000;

/**
 * The tensors of `root` by name: nested dicts joined by dots, values that are not tensors left out, lists not
 * entered.
 *
 * @throws {WeightsError} "malformed" when the dicts are nested too deep or in each other, when a tensor's key is
 *   no string or integer, or when two tensors have one name.
 */
export function namedTensors(root: PickleValue, source: ByteSource): Map<string, TorchTensor> {
  const found = new Map<string, TorchTensor>();
  let visits = 0;
  // A long key that a pickle recalls over and over would make names that take far more memory than the file.
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
          `keeps a tensor under a key that is no string or integer, in "${path.join(".")}"`,
        );
      }
      const name = inner.join(".");
      characters -= name.length;
      if (characters < 0) {
        source.fail("malformed", "gives its tensors names that are longer than the file explains");
      }
      if (found.has(name)) source.fail("malformed", `holds two tensors named "${name}"`);
      found.set(name, value);
    }
  };
  if (isTagged(root, "tensor")) {
    source.fail("malformed", "holds one tensor without a name, not a dict of tensors");
  }
  if (!(root instanceof Map)) source.fail("malformed", "holds no dict of tensors");
  enter(root, []);
  return found;
}

function keyName(key: PickleValue): string {
  return typeof key === "string" || typeof key === "number" ? String(key) : "?";
}
