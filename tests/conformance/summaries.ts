/** Tensors too big to store: cases hold their first elements and their sums. */

import { float32, type HostTensor, hostTensor } from "../../lib/tensor/host_tensor.ts";
import { type Case, generateTensor } from "./case.ts";

const FIRST = 64;

/** `tensors` with `NAME#first` and `NAME#sums` for each of which the case expects one. */
export function withSummaries(
  testCase: Case,
  tensors: Record<string, HostTensor>,
): Record<string, HostTensor> {
  const result = { ...tensors };
  for (const name of testCase.tensors.keys()) {
    const [base, what] = name.split("#");
    if (what === undefined || !(base in tensors)) continue;
    result[name] = what === "first" ? firstOf(tensors[base]) : sumsOf(tensors[base]);
  }
  return result;
}

function firstOf({ data }: HostTensor): HostTensor {
  return float32([FIRST], (data as Float32Array).slice(0, FIRST));
}

/** Σt, Σ|t|, Σt² and Σt·p, p the generated tensor "probe" of as many elements. */
function sumsOf({ data }: HostTensor): HostTensor {
  const values = data as Float32Array;
  const probe = generateTensor({ name: "probe", seed: 0, shape: [values.length], scale: 1, shift: 0 }).data;
  const sums = new Float64Array(4);
  values.forEach((value, i) => {
    sums[0] += value;
    sums[1] += Math.abs(value);
    sums[2] += value * value;
    sums[3] += value * probe[i];
  });
  return hostTensor("float64", [4], sums);
}
