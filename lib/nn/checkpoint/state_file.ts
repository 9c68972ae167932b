/** Reads the state of a model from a weight file, below any common prefix or wrapper, as float32. */

import type { DType, HostTensor } from "../../tensor/host_tensor.ts";
import { asFloat32 } from "./half.ts";
import type { TensorInfo, WeightsFile } from "./weights_file.ts";

/** Keys of training checkpoints, DataParallel, torch.compile, and the usual names of a model within another. */
const WRAPPERS: ReadonlySet<string> = new Set(["state_dict", "model", "module", "_orig_mod", "backbone"]);
const WIDENED: ReadonlySet<DType> = new Set<DType>(["float16", "bfloat16", "float64"]);

/** A model's tensors in a file, by the model's names. */
export interface StateFile {
  /** The tensors, with the types that `read` returns. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** A tensor by the model's name; float16, bfloat16 and float64 are converted to float32. */
  read(name: string): HostTensor;
  /** A description for the log: which tensors were used and how they were converted. */
  readonly rule: string;
}

/**
 * Finds a model's tensors in `file`: without a prefix, or below a prefix made of the names `state_dict`,
 * `model`, `module`, `_orig_mod` and `backbone`, in any order. Uses the prefix with most of the `expected`
 * names and ignores all other tensors of the file.
 *
 * @param expected names of the model's tensors
 * @throws {RangeError} if two prefixes have the same number of expected names.
 */
export function stateIn(file: WeightsFile, expected: Iterable<string>): StateFile {
  const prefix = prefixOf(file.tensors.keys(), new Set(expected));
  const below = [...file.tensors].filter(([name]) => name.startsWith(prefix));
  const converted = new Set<DType>();
  const tensors = new Map(below.map(([name, info]): [string, TensorInfo] => {
    if (!WIDENED.has(info.dtype)) return [name.slice(prefix.length), info];
    converted.add(info.dtype);
    return [name.slice(prefix.length), { ...info, dtype: "float32" }];
  }));
  const rules = [
    prefix === "" ? "names unchanged" : `names below "${prefix}"`,
    ...[...converted].map((dtype) => `${dtype} converted to float32`),
    ...(below.length < file.tensors.size
      ? [`${file.tensors.size - below.length} other tensors ignored`]
      : []),
  ];
  return {
    tensors,
    read(name) {
      const tensor = file.read(prefix + name);
      return WIDENED.has(tensor.dtype) ? asFloat32(tensor) : tensor;
    },
    rule: `weights: ${tensors.size} tensors of the ${file.format} file, ${rules.join(", ")}`,
  };
}

/** The prefix below which most of the `expected` names are; the empty prefix if no name is found. */
function prefixOf(names: Iterable<string>, expected: ReadonlySet<string>): string {
  const matches = new Map<string, number>();
  for (const name of names) {
    for (let at = 0;;) {
      if (expected.has(name.slice(at))) {
        matches.set(name.slice(0, at), (matches.get(name.slice(0, at)) ?? 0) + 1);
      }
      const dot = name.indexOf(".", at);
      if (dot < 0 || !WRAPPERS.has(name.slice(at, dot))) break;
      at = dot + 1;
    }
  }
  const [best, second] = [...matches].sort(([, a], [, b]) => b - a);
  if (second !== undefined && best[1] === second[1]) {
    throw new RangeError(
      `the file holds the model's tensors twice, below "${best[0]}" and below "${
        second[0]
      }"; remove one of them from the file`,
    );
  }
  return best?.[0] ?? "";
}
