/** Computes masks of the perturbed maps of one batch. */

import { type HostTensor, hostTensor } from "../../tensor/host_tensor.ts";
import type { MetricFidelity } from "../fidelity.ts";
import { percentileMask, SALIENCY_PERCENTILE } from "../masks/percentile_mask.ts";
import { minMaxMask } from "../masks/threshold_masks.ts";
import { sidesOf, sliceOf } from "../shapes.ts";

/** Percentile masks of `maps` (maps × height × width), with one percentile for all maps or one per map. */
export function perturbedPercentileMasks(
  maps: HostTensor<"float32">,
  sharing: MetricFidelity["perturbedMasks"],
  sparse: MetricFidelity["sparse"],
): HostTensor<"uint8"> {
  return masksOf(maps, sharing, (values) => percentileMask(values, SALIENCY_PERCENTILE, sparse).mask);
}

/** Min-max masks at ½, with one minimum and maximum for all maps or one per map. */
export function perturbedMinMaxMasks(
  maps: HostTensor<"float32">,
  sharing: MetricFidelity["perturbedMasks"],
): HostTensor<"uint8"> {
  return masksOf(maps, sharing, (values) => minMaxMask(values));
}

function masksOf(
  maps: HostTensor<"float32">,
  sharing: MetricFidelity["perturbedMasks"],
  maskOf: (values: Float32Array) => Uint8Array,
): HostTensor<"uint8"> {
  const [count, height, width] = sidesOf(maps, "perturbed maps", "maps", "height", "width");
  if (sharing === "batch") return hostTensor("uint8", maps.shape, maskOf(maps.data));
  const masks = new Uint8Array(maps.data.length);
  for (let i = 0; i < count; i++) masks.set(maskOf(sliceOf(maps, i).data), i * height * width);
  return hostTensor("uint8", maps.shape, masks);
}
