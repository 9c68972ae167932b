/**
 * The objects that a PyTorch pickle may name: tensor constructors, storages and ordered dicts. All others are
 * rejected.
 */

import type { DType } from "../../tensor/host_tensor.ts";
import type { ByteSource } from "./byte_source.ts";
import type { PickleHost } from "./pickle_machine.ts";
import {
  isTagged,
  type PickleGlobal,
  type PickleValue,
  type TorchStorage,
  type TorchTensor,
} from "./pickle_values.ts";
import { checkedElementCount } from "./weights_file.ts";

const STORAGE_DTYPES = new Map<string, DType>([
  ["torch.FloatStorage", "float32"],
  ["torch.DoubleStorage", "float64"],
  ["torch.HalfStorage", "float16"],
  ["torch.BFloat16Storage", "bfloat16"],
  ["torch.LongStorage", "int64"],
  ["torch.IntStorage", "int32"],
  ["torch.ShortStorage", "int16"],
  ["torch.CharStorage", "int8"],
  ["torch.ByteStorage", "uint8"],
  ["torch.BoolStorage", "bool"],
]);

/** The largest number of axes, which is PyTorch's limit. */
const MAX_AXES = 64;

type Constructor = (args: PickleValue[], source: ByteSource) => PickleValue;

const CONSTRUCTORS = new Map<string, Constructor>([
  ["collections.OrderedDict", orderedDict],
  ["torch._utils._rebuild_tensor", rebuildTensor],
  ["torch._utils._rebuild_tensor_v2", rebuildTensor],
  ["torch._utils._rebuild_parameter", wrappedTensor],
  ["torch.nn.parameter.Parameter", wrappedTensor],
  ["torch.autograd.variable.Variable", wrappedTensor],
  ["torch.Size", ([lengths]) => Array.isArray(lengths) ? lengths : []],
  ["torch.device", ([name]) => name ?? null],
]);

/** Names of values, which can't be called. */
const VALUES = new Set(
  ["float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool"]
    .map((dtype) => `torch.${dtype}`),
);

/** The host for the pickles of `source`. `persistent` resolves their storages. */
export function torchHost(source: ByteSource, persistent: (id: PickleValue) => TorchStorage): PickleHost {
  return {
    persistent,
    global(module, name): PickleGlobal {
      const full = `${module}.${name}`;
      if (!CONSTRUCTORS.has(full) && !STORAGE_DTYPES.has(full) && !VALUES.has(full)) {
        source.fail(
          "refused",
          `names ${JSON.stringify(full)}, which is not allowed in a weight file; it was not run`,
        );
      }
      return { type: "global", name: full };
    },
    call(callable, args) {
      const construct = isTagged(callable, "global") ? CONSTRUCTORS.get(callable.name) : undefined;
      if (!construct) {
        const what = isTagged(callable, "global") ? JSON.stringify(callable.name) : "a value that it built";
        source.fail("refused", `calls ${what}, which is not a constructor of tensors`);
      }
      if (!Array.isArray(args)) {
        source.fail("malformed", "calls a constructor with arguments that are not a tuple");
      }
      return construct(args, source);
    },
  };
}

/**
 * The storage with the persistent id `("storage", type, key, location, length[, view])`. In old files, `view`
 * is `(key, offset, length)` and selects a part of the storage.
 */
export function storageOf(id: PickleValue, source: ByteSource): TorchStorage {
  const parts = Array.isArray(id) ? id : [];
  const [kind, type, key, , length, part] = parts;
  const dtype = isTagged(type, "global") ? STORAGE_DTYPES.get(type.name) : undefined;
  if (kind !== "storage" || !dtype || typeof key !== "string" || !isCount(length)) {
    source.fail("malformed", "has a persistent id that is not a storage");
  }
  if (part === undefined || part === null) {
    return { type: "storage", key, dtype, blockLength: length, blockOffset: 0, length };
  }
  const [, offset, partLength] = Array.isArray(part) ? part : [];
  if (!isCount(offset) || !isCount(partLength) || offset + partLength > length) {
    source.fail("malformed", `has a view of the storage "${key}" that reaches past its ${length} elements`);
  }
  return { type: "storage", key, dtype, blockLength: length, blockOffset: offset, length: partLength };
}

/** OrderedDict() or OrderedDict([[key, value], …]). */
function orderedDict([pairs]: PickleValue[], source: ByteSource): PickleValue {
  const dict = new Map<PickleValue, PickleValue>();
  if (pairs === undefined) return dict;
  if (!Array.isArray(pairs)) {
    source.fail("malformed", "builds an OrderedDict from a value that is not a list");
  }
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair.length !== 2) {
      source.fail("malformed", "builds an OrderedDict from a value that is not a list of pairs");
    }
    dict.set(pair[0], pair[1]);
  }
  return dict;
}

/** (storage, offset, shape, strides, …): a strided view; further arguments concern only gradients. */
function rebuildTensor([storage, offset, shape, strides]: PickleValue[], source: ByteSource): TorchTensor {
  if (!isTagged(storage, "storage")) {
    source.fail("malformed", "builds a tensor on a value that is not a storage");
  }
  const count = checkedElementCount(shape);
  if (count === undefined || !Array.isArray(strides) || !strides.every(isCount) || !isCount(offset)) {
    source.fail("malformed", "builds a tensor whose offset, shape or strides are not non-negative integers");
  }
  // Copied and cut, because a malicious pickle may change its lists later, or reuse a long list many times.
  const lengths = (shape as number[]).slice(0, MAX_AXES + 1);
  const steps = strides.slice(0, MAX_AXES + 1);
  if (lengths.length !== steps.length || lengths.length > MAX_AXES) {
    source.fail("malformed", `builds a tensor with ${lengths.length} axes and ${steps.length} strides`);
  }
  const last = lengths.reduce((index, length, axis) => index + (length - 1) * steps[axis], offset);
  if (count > 0 && last >= storage.length) {
    source.fail(
      "malformed",
      `builds a tensor of shape [${lengths}], strides [${steps}] and offset ${offset} that reaches element ` +
        `${last} of a storage with ${storage.length}`,
    );
  }
  return { type: "tensor", storage, offset, shape: lengths, strides: steps };
}

/** (tensor, …): a parameter is replaced by its tensor; further arguments concern only gradients. */
function wrappedTensor([tensor]: PickleValue[], source: ByteSource): PickleValue {
  if (!isTagged(tensor, "tensor")) {
    source.fail("malformed", "builds a parameter from a value that is not a tensor");
  }
  return tensor;
}

function isCount(value: PickleValue | undefined): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
