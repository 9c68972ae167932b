/**
 * Programs that read the same constants and shared values, on the CPU and on WebGPU; prints the largest difference of
 * every result, over its norm, as JSON.
 */

import { ProgramCache } from "../../lib/runtime/program_cache.ts";
import { program } from "../../lib/tensor/graph.ts";
import { float32, type HostTensor, int64 } from "../../lib/tensor/host_tensor.ts";
import { add } from "../../lib/tensor/ops/arithmetic.ts";
import { take } from "../../lib/tensor/ops/gather.ts";
import { matmul } from "../../lib/tensor/ops/matmul.ts";
import { input } from "../../lib/tensor/ops/source.ts";
import { relativeDifference } from "../relative_difference.ts";

const numbers = (scale: number, length: number) =>
  Float32Array.from({ length }, (_, i) => scale * (i % 7 - 3));

function affine(rows: number) {
  const [x, weight, bias] = [[rows, 8], [8, 4], [rows, 4]].map((shape, i) =>
    input(["x", "weight", "bias"][i], "float32", shape)
  );
  return program({ y: take(add(matmul(x, weight), bias), 1, input("columns", "int64", [4])) });
}

async function results(device: "cpu" | "webgpu"): Promise<Map<string, HostTensor>> {
  const programs = new ProgramCache({ device });
  const found = new Map<string, HostTensor>();
  for (const scale of [1, 2, 2]) {
    // Integers are constants as well, which devices need not keep.
    const constants = new Map<string, HostTensor>([
      ["weight", float32([8, 4], numbers(scale, 32))],
      ["columns", int64([4], [3, 1, 0, 2])],
    ]);
    for (const rows of [2, 5]) {
      const shared = new Map([["bias", float32([rows, 4], numbers(0.25 * scale, 4 * rows))]]);
      const runs = [1, 2].map((level) =>
        programs.run(
          `${rows}`,
          () => affine(rows),
          { x: float32([rows, 8], numbers(level, 8 * rows)) },
          constants,
          shared,
        )
      );
      const [{ y: first }, { y: second }] = await Promise.all(runs);
      found.set(`${found.size}`, float32([8 * rows], [...first.data, ...second.data] as number[]));
    }
  }
  await programs.release();
  return found;
}

const expected = await results("cpu");
const differences: Record<string, number> = {};
for (const [name, value] of await results("webgpu")) {
  differences[name] = relativeDifference(value, expected.get(name)!);
}
console.log(JSON.stringify(differences));
