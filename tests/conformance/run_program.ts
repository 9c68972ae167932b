/** Runs a tensor program once on onnxruntime. */

import * as ort from "onnxruntime-node";
import { program } from "../../lib/tensor/graph.ts";
import type { HostTensor } from "../../lib/tensor/host_tensor.ts";
import { emitOnnx } from "../../lib/tensor/onnx/emit.ts";
import type { Tensor } from "../../lib/tensor/op.ts";

/** The values of `outputs`, given a value for every input they need. */
export async function runProgram(
  outputs: ReadonlyMap<string, Tensor>,
  inputs: ReadonlyMap<string, HostTensor>,
): Promise<Map<string, HostTensor>> {
  // An output may have an input's name; in a model both need one of their own.
  const built = program(Object.fromEntries([...outputs].map(([name, tensor]) => [`out:${name}`, tensor])));
  const session = await ort.InferenceSession.create(emitOnnx(built).bytes);
  const feeds: Record<string, ort.Tensor> = {};
  for (const name of session.inputNames) {
    const { dtype, shape, data } = inputs.get(name)!;
    feeds[name] = new ort.Tensor(dtype as "float32", data as Float32Array, shape);
  }
  const results = await session.run(feeds);
  await session.release();
  return new Map([...outputs.keys()].map((name) => {
    const { type, dims, data } = results[`out:${name}`];
    return [name, { dtype: type, shape: dims, data } as HostTensor];
  }));
}
