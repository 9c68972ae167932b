/** Runs the cases of the suite "prp": rules of relevance, whole maps, and the masks and boxes made of them. */

import { clipMap, percentileMask } from "../../../lib/metrics/masks/percentile_mask.ts";
import { METRIC_FLAWS } from "../../../lib/metrics/fidelity.ts";
import { hostTensor } from "../../../lib/tensor/host_tensor.ts";
import { mask } from "../../../lib/vision/image.ts";
import { maskBox } from "../../../lib/vision/masks/boxes.ts";
import { type Case, type Outcome, type Runner, tensorOf } from "../case.ts";
import { mapRunners } from "./prp/maps.ts";
import { ruleRunners } from "./prp/rules.ts";

function percentile(testCase: Case): Outcome {
  const { percentile, fidelity } = testCase.params;
  const { sparse } = METRIC_FLAWS.preset(fidelity as "reference" | "intended");
  const { shape, data } = tensorOf(testCase, "in.map");
  const map = Float32Array.from(data as Float32Array);
  const found = percentileMask(map, percentile, sparse);
  const again = percentileMask(clipMap(map, found.mask), percentile, sparse).mask;
  const [height, width] = shape;
  return {
    tensors: { "out.mask": hostTensor("uint8", shape, found.mask) },
    values: {
      threshold: found.threshold,
      pixels: found.mask.reduce((count, value) => count + value, 0),
      box: maskBox(mask(width, height, again)),
    },
  };
}

export const runners: Record<string, Runner> = {
  ...ruleRunners,
  ...mapRunners,
  "prp.percentile_mask": percentile,
};
