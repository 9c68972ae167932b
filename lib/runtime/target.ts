/** Measures, once, the properties of the machine's kernels that decide how a model is written. */

import * as ort from "onnxruntime-node";
import { program } from "../tensor/graph.ts";
import { emitOnnx } from "../tensor/onnx/emit.ts";
import { apply1, defineOp } from "../tensor/op.ts";
import type { Target } from "../tensor/onnx/target.ts";
import { input } from "../tensor/ops/source.ts";
import type { Device } from "./device.ts";

/**
 * More channels than a block can have. The test tensor has two columns, so that the order of its elements
 * shows the end of a block.
 */
const CHANNELS = 64;
const SHAPE = [1, CHANNELS, 1, 2] as const;

/** [N, C, H, W] in the blocked layout's order. */
const toBlocksOp = defineOp<Record<never, never>>({
  name: "to_blocks",
  infer: ([x]) => [x],
  emit: (to, { inputs, outputs }) => to.node("com.microsoft.nchwc.ReorderInput", inputs, outputs),
});

let cpuTarget: Promise<Target> | undefined;

/** The target of a device. Results depend on it, as they do on the machine's vector instructions. */
export function targetOf(device: Device): Promise<Target> {
  if (device !== "cpu") return Promise.resolve({});
  return cpuTarget ??= channelBlock().then((block) => block === undefined ? {} : { channelBlock: block });
}

/**
 * The number of channels per block of the blocked layout: 16 with AVX-512, 8 with AVX2; undefined if the
 * layout is not supported.
 */
async function channelBlock(): Promise<number | undefined> {
  const x = input("x", "float32", SHAPE);
  const { bytes } = emitOnnx(program({ y: apply1(toBlocksOp, [x], {}) }));
  const values = Float32Array.from({ length: CHANNELS * 2 }, (_, i) => i);
  try {
    const session = await ort.InferenceSession.create(bytes, {
      graphOptimizationLevel: "disabled",
      intraOpNumThreads: 1,
      // Suppresses the error message on machines without this layout.
      logSeverityLevel: 4,
    });
    const { y } = await session.run({ x: new ort.Tensor("float32", values, SHAPE) });
    await session.release();
    // The element of channel 0 in column 1 comes after those of all channels of the block in column 0.
    const block = (y.data as Float32Array).indexOf(1);
    return block > 1 && CHANNELS % block === 0 ? block : undefined;
  } catch {
    return undefined;
  }
}
