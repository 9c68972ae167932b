/** Runs a tensor program once. */

import { openSession } from "../../lib/runtime/session.ts";
import { program } from "../../lib/tensor/graph.ts";
import type { HostTensor } from "../../lib/tensor/host_tensor.ts";
import type { Tensor } from "../../lib/tensor/op.ts";

/** The values of `outputs`; of `inputs` what they need is used. */
export async function runProgram(
  outputs: ReadonlyMap<string, Tensor>,
  inputs: ReadonlyMap<string, HostTensor>,
): Promise<Map<string, HostTensor>> {
  // An output may have an input's name; in a model both need one of their own.
  const built = program(Object.fromEntries([...outputs].map(([name, tensor]) => [`out:${name}`, tensor])));
  const session = await openSession(built);
  const needed = [...inputs].filter(([name]) => built.inputs.has(name));
  const results = await session.run(Object.fromEntries(needed));
  await session.release();
  return new Map([...outputs.keys()].map((name) => [name, results[`out:${name}`]]));
}
