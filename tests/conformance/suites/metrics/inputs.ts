/** The inputs of metric cases, as the library takes them. */

import { METRIC_FLAWS, type MetricFidelity } from "../../../../lib/metrics/fidelity.ts";
import { MetricError } from "../../../../lib/metrics/metric_error.ts";
import { sliceOf } from "../../../../lib/metrics/shapes.ts";
import { elementCount, float32, type HostTensor, hostTensor } from "../../../../lib/tensor/host_tensor.ts";
import type { Box } from "../../../../lib/vision/masks/boxes.ts";
import { type Case, type Json, tensorOf } from "../../case.ts";

/** A case's fidelity; cases without one show no flaw. */
export function fidelityOf({ params }: Case): MetricFidelity {
  return METRIC_FLAWS.preset((params.fidelity ?? "reference") as "reference" | "intended");
}

export function floats(testCase: Case, name: string): HostTensor<"float32"> {
  const { shape, data } = tensorOf(testCase, name);
  return float32(shape, Float32Array.from(data as Float32Array, Number));
}

/** Masks, which cases store as uint8 or float32. */
export function maskStack(testCase: Case, name: string): HostTensor<"float32" | "uint8"> {
  return tensorOf(testCase, name) as HostTensor<"float32" | "uint8">;
}

export function numbers(testCase: Case, name: string): number[] {
  return Array.from(tensorOf(testCase, name).data, Number);
}

/** The slices along the first axis. */
export function slices<T extends HostTensor>(tensor: T): T[] {
  return Array.from({ length: tensor.shape[0] }, (_, i) => sliceOf(tensor, i) as T);
}

/** The slices along the first two axes. */
export function grid<T extends HostTensor>(tensor: T): T[][] {
  return slices(tensor).map((row) => slices(row));
}

/** A tensor … × 4 as boxes, grouped by its first axis. */
export function boxGrid(testCase: Case, name: string): Box[][] {
  return grid(tensorOf(testCase, name)).map((row) =>
    row.map(({ data }) => Array.from(data, Number) as unknown as Box)
  );
}

export function int64s(shape: readonly number[], values: Iterable<number>): HostTensor {
  return hostTensor("int64", shape, BigInt64Array.from(values, BigInt));
}

export function bytes(shape: readonly number[], parts: readonly Uint8Array[]): HostTensor {
  const data = new Uint8Array(elementCount(shape));
  parts.forEach((part, i) => data.set(part, i * part.length));
  return hostTensor("uint8", shape, data);
}

/** The value, or "error" where the metric is refused. */
export function orError(compute: () => Json): Json {
  try {
    return compute();
  } catch (error) {
    if (error instanceof MetricError) return "error";
    throw error;
  }
}
