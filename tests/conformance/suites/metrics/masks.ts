/** Conformance of the rules that make masks and boxes of maps. */

import {
  perturbedMinMaxMasks,
  perturbedPercentileMasks,
} from "../../../../lib/metrics/completeness/perturbed_masks.ts";
import { fillBox } from "../../../../lib/metrics/masks/filled_box.ts";
import {
  clipMap,
  percentileMask,
  SALIENCY_PERCENTILE,
} from "../../../../lib/metrics/masks/percentile_mask.ts";
import { percentileBoxes } from "../../../../lib/metrics/masks/saliency.ts";
import { binaryMask, minMaxMask } from "../../../../lib/metrics/masks/threshold_masks.ts";
import { float32 } from "../../../../lib/tensor/host_tensor.ts";
import { mask } from "../../../../lib/vision/image.ts";
import { maskBox } from "../../../../lib/vision/masks/boxes.ts";
import type { Case, Outcome, Runner } from "../../case.ts";
import { bytes, fidelityOf, floats, int64s, slices } from "./inputs.ts";

export const maskRunners: Record<string, Runner> = {
  "metrics.percentile_mask": percentile,
  "metrics.min_max_mask": (testCase) => {
    const maps = floats(testCase, "in.maps");
    const masks = slices(maps).map(({ data }) => minMaxMask(data, testCase.params.threshold));
    return { tensors: { "out.mask": bytes(maps.shape, masks) } };
  },
  "metrics.binary_mask": (testCase) => {
    const maps = floats(testCase, "in.maps");
    return { tensors: { "out.mask": bytes(maps.shape, slices(maps).map(({ data }) => binaryMask(data))) } };
  },
  "metrics.bounding_box": boundingBox,
  "metrics.batch_masks": (testCase) => {
    const { shape, data } = floats(testCase, "in.maps");
    const [batch, channels, height, width] = shape;
    const maps = float32([batch * channels, height, width], data);
    const { perturbedMasks } = fidelityOf(testCase);
    return {
      tensors: {
        "out.percentile": { ...perturbedPercentileMasks(maps, perturbedMasks, "all"), shape },
        "out.min_max": { ...perturbedMinMaxMasks(maps, perturbedMasks), shape },
      },
    };
  },
};

function percentile(testCase: Case): Outcome {
  const maps = floats(testCase, "in.maps");
  const [count, height, width] = maps.shape;
  const { sparse } = fidelityOf(testCase);
  const found = slices(maps).map(({ data }) => percentileMask(data, testCase.params.percentile, sparse));
  const clipped = found.map(({ mask }, i) => clipMap(slices(maps)[i].data, mask));
  const boxes = percentileBoxes(maps, sparse).flat();
  const clippedBoxes = clipped.flatMap((data) =>
    percentileBoxes(float32([1, height, width], data), sparse)[0]
  );
  return {
    tensors: {
      "out.threshold": float32([count], found.map(({ threshold }) => threshold)),
      "out.mask": bytes(maps.shape, found.map(({ mask }) => mask)),
      "out.box": int64s([count, 4], boxes),
      "out.clipped_box": int64s([count, 4], clippedBoxes),
    },
  };
}

function boundingBox(testCase: Case): Outcome {
  const maps = floats(testCase, "in.maps");
  const [count, height, width] = maps.shape;
  const { filledBox } = fidelityOf(testCase);
  const rules: Record<string, (map: Float32Array) => Uint8Array> = {
    percentile: (map) => percentileMask(map, SALIENCY_PERCENTILE, "all").mask,
    binary: binaryMask,
    min_max: (map) => minMaxMask(map),
  };
  const boxes = slices(maps).map(({ data }) =>
    maskBox(mask(width, height, rules[testCase.params.rule](data)))
  );
  return {
    tensors: {
      "out.box": int64s([count, 4], boxes.flat()),
      "out.filled": bytes(maps.shape, boxes.map((box) => fillBox(box, width, height, filledBox).data)),
    },
  };
}
