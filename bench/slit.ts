/**
 * Peak memory and time of a process that draws the masks of one photograph by SLIT at its published size, beside the memory that
 * `plan` states for it:
 *
 *     deno run -A bench/slit.ts [--rounds 1]
 *
 * The weights are drawn, since memory and time do not depend on them; the image of 500 × 375 is noise.
 */

import { parseArgs } from "node:util";
import { DIRECT_SAM, DIRECT_SAM_SIDE } from "../lib/models/segformer/direct_sam.ts";
import { Segformer } from "../lib/models/segformer/segformer.ts";
import { segformerSpecs } from "../lib/models/segformer/tensor_specs.ts";
import { boundaryProbability, masksBetweenBoundaries, slitInput } from "../lib/segment/methods/slit.ts";
import { elementCount, float32, type HostTensor, int64 } from "../lib/tensor/host_tensor.ts";
import { RandomStream } from "../lib/tensor/random.ts";
import { image } from "../lib/vision/image.ts";
import { maskCost } from "../tasks/demands/mask_cost.ts";
import { memoryMB } from "../tasks/demands/sizes.ts";
import { peakMemory } from "./peak_memory.ts";

const { values: options } = parseArgs({ options: { rounds: { type: "string", default: "1" } } });
const [width, height] = [500, 375];
const size = { width: DIRECT_SAM_SIDE, height: DIRECT_SAM_SIDE };
const processor = { size, rescale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const THRESHOLD = 0.001;

/** Scaled so that values keep their size from layer to layer. */
function drawn(name: string, shape: readonly number[]): HostTensor<"float32"> {
  if (/norm.*weight$|running_var$/.test(name)) {
    return float32(shape, new Float32Array(elementCount(shape)).fill(1));
  }
  const random = new RandomStream({ seed: 1, purpose: name });
  const scale = Math.max(1, elementCount(shape.slice(1))) ** -0.5;
  return float32(shape, Float32Array.from({ length: elementCount(shape) }, () => scale * random.normal()));
}

const parameters = new Map(
  segformerSpecs(DIRECT_SAM).map(({ name, dtype, shape }): [string, HostTensor] => [
    name,
    dtype === "int64" ? int64(shape, [3]) : drawn(name, shape),
  ]),
);
const model = new Segformer(DIRECT_SAM, parameters);
const random = new RandomStream({ seed: 1, purpose: "image" });
const photograph = image(
  width,
  height,
  "RGB",
  Uint8Array.from({ length: 3 * width * height }, () => random.integer(256)),
);
for (let round = 1; round <= Number(options.rounds); round++) {
  const started = performance.now();
  const { pixels } = slitInput(photograph, processor);
  const { shape, data } = await model.run(float32([1, ...pixels.shape], pixels.data));
  const probability = boundaryProbability(float32([1, ...shape.slice(-2)], data), width, height);
  const masks = masksBetweenBoundaries(probability, width, height, THRESHOLD);
  const seconds = (performance.now() - started) / 1000;
  console.log(`round ${round}: ${seconds.toFixed(1)} s, ${masks.length} masks`);
}
const sizes = { train: 1, test: 0, classes: 1, width, height };
const { memory } = maskCost({ name: "slit", threshold: THRESHOLD }, sizes, undefined, false);
const stated = memoryMB(memory, 1, { computes: true });
const peak = peakMemory();
console.log(`${peak.toFixed(0)} MiB held at most, ${stated} stated: ${(stated / peak).toFixed(2)} of it`);
