/** Runs the cases of the suite "weights": files of every format, broken and hostile ones included. */

import { asFloat32 } from "../../../lib/nn/checkpoint/half.ts";
import { openWeights } from "../../../lib/nn/checkpoint/open.ts";
import { openTfjs } from "../../../lib/nn/checkpoint/tfjs.ts";
import type { WeightsFile } from "../../../lib/nn/checkpoint/weights_file.ts";
import type { DType, HostTensor } from "../../../lib/tensor/host_tensor.ts";
import { type Json, type Outcome, pathOf, type Runner } from "../case.ts";

const SHORT_NAMES: Record<DType, string> = {
  float32: "f32",
  float64: "f64",
  float16: "f16",
  bfloat16: "bf16",
  int64: "i64",
  int32: "i32",
  int16: "i16",
  int8: "i8",
  uint8: "u8",
  bool: "bool",
};

/** Every tensor of an open file as the suite describes it, sorted by name. */
function describe(weights: WeightsFile): Outcome {
  const names = [...weights.tensors.keys()].sort((a, b) => a < b ? -1 : 1);
  const tensors = names.map((name) => summary(name, weights.read(name)));
  weights.close();
  return { values: { tensors } };
}

function summary(name: string, tensor: HostTensor): Json {
  const values = valuesOf(tensor);
  const shown = tensor.dtype === "bool" ? values.map((value) => value !== 0) : values;
  return {
    name,
    dtype: SHORT_NAMES[tensor.dtype],
    shape: tensor.shape,
    first: shown.slice(0, 6),
    last: shown.slice(-2),
    sum: values.reduce((sum, value) => sum + value, 0),
  };
}

function valuesOf(tensor: HostTensor): number[] {
  const half = tensor.dtype === "float16" || tensor.dtype === "bfloat16";
  return Array.from((half ? asFloat32(tensor) : tensor).data as ArrayLike<number | bigint>, Number);
}

export const runners: Record<string, Runner> = {
  "weights.read": (testCase) => describe(openWeights(pathOf(testCase, testCase.params.file))),
  "weights.read_tfjs": (testCase) => describe(openTfjs(pathOf(testCase, testCase.params.file))),
};
