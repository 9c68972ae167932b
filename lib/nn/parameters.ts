/** Parameter trees, that is, tensors by PyTorch's names: selects and loads them. */

import { elementCount, float32, type HostTensor } from "../tensor/host_tensor.ts";

/** Tensors by name, such as `layer1.0.conv1.weight`, in the order of the model. */
export type Parameters = ReadonlyMap<string, HostTensor>;

/** A float32 tensor of zeros. */
export function zerosOf(shape: readonly number[]): HostTensor<"float32"> {
  return float32(shape, new Float32Array(elementCount(shape)));
}

/** The tensors below `prefix` ("backbone"), without the prefix: `backbone.conv1.weight` becomes `conv1.weight`. */
export function below<T>(tree: ReadonlyMap<string, T>, prefix: string): Map<string, T> {
  const found = new Map<string, T>();
  for (const [name, value] of tree) {
    if (name.startsWith(`${prefix}.`)) found.set(name.slice(prefix.length + 1), value);
  }
  return found;
}

/** The tree with `prefix` added to every name; the inverse of {@link below}. */
export function under<T>(prefix: string, tree: ReadonlyMap<string, T>): Map<string, T> {
  return new Map([...tree].map(([name, value]) => [`${prefix}.${name}`, value]));
}

export interface LoadReport {
  /** Tensors of the tree that were not loaded and keep their values. */
  readonly missing: readonly string[];
  /** Loaded tensors that the tree lacks; they are ignored. */
  readonly unexpected: readonly string[];
}

/**
 * `tree` with its values replaced by those of `loaded` under the same name.
 *
 * @param strict whether both sides must have the same names
 * @throws {ParameterError} naming the first tensor whose shape or type differs or, if strict, that is missing
 * on either side.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { float32 } from "../tensor/host_tensor.ts";
 * import { load } from "./parameters.ts";
 *
 * const tree = new Map([["fc.weight", float32([1, 2], [0, 0])], ["fc.bias", float32([1], [0])]]);
 * const loaded = new Map([["fc.weight", float32([1, 2], [1, 2])]]);
 * const { tree: result, report } = load(tree, loaded, { strict: false });
 * assert.deepEqual([...result.get("fc.weight")!.data], [1, 2]);
 * assert.deepEqual(report.missing, ["fc.bias"]);
 * ```
 */
export function load(
  tree: Parameters,
  loaded: Parameters,
  { strict = true }: { strict?: boolean } = {},
): { readonly tree: Map<string, HostTensor>; readonly report: LoadReport } {
  const missing = [...tree.keys()].filter((name) => !loaded.has(name));
  const unexpected = [...loaded.keys()].filter((name) => !tree.has(name));
  if (strict && missing.length > 0) {
    throw new ParameterError(
      missing[0],
      `is missing in the loaded tensors (${missing.length} of ${tree.size} are missing)`,
    );
  }
  if (strict && unexpected.length > 0) {
    throw new ParameterError(
      unexpected[0],
      `was loaded, but is not in the model (${unexpected.length} loaded tensors are not)`,
    );
  }
  const result = new Map(tree);
  for (const [name, expected] of tree) {
    const given = loaded.get(name);
    if (!given) continue;
    if (describe(given) !== describe(expected)) {
      throw new ParameterError(
        name,
        `was loaded as ${describe(given)}, but the model expects ${describe(expected)}`,
      );
    }
    result.set(name, given);
  }
  return { tree: result, report: { missing, unexpected } };
}

/** A tensor that does not match a model. */
export class ParameterError extends RangeError {
  override readonly name = "ParameterError";

  constructor(readonly parameter: string, detail: string) {
    super(`the tensor "${parameter}" ${detail}`);
  }
}

function describe({ dtype, shape }: HostTensor): string {
  return `${dtype} [${shape.join(", ")}]`;
}
