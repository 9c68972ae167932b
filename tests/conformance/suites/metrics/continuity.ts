/** Conformance of the metrics of continuity and of output completeness. */

import { activationChange, sortDescending } from "../../../../lib/metrics/changes/activation.ts";
import { boxChange, maskChange } from "../../../../lib/metrics/changes/location.ts";
import { peakDistance, peakIndex, peakSide, peakValueChange } from "../../../../lib/metrics/changes/peak.ts";
import { addNoiseOutside } from "../../../../lib/metrics/completeness/noise.ts";
import { logitChange, rankChanges, topClassRank } from "../../../../lib/metrics/continuity/ranks.ts";
import { boxStability, maskStability } from "../../../../lib/metrics/continuity/stability.ts";
import { float32, type HostTensor } from "../../../../lib/tensor/host_tensor.ts";
import type { Box } from "../../../../lib/vision/masks/boxes.ts";
import { type Case, type Outcome, type Runner, tensorOf } from "../../case.ts";
import { boxGrid, fidelityOf, floats, grid, int64s, maskStack, numbers, slices } from "./inputs.ts";

export const continuityRunners: Record<string, Runner> = {
  "metrics.mask_change": (testCase) => {
    const [before, after] = ["in.masks1", "in.masks2"].map((name) => grid(maskStack(testCase, name)));
    return paired("change", before, after, (a, b) => maskChange(a.data, b.data));
  },
  "metrics.box_change": (testCase) => {
    const { boxIntersection } = fidelityOf(testCase);
    const [before, after] = ["in.boxes1", "in.boxes2"].map((name) => boxGrid(testCase, name));
    return paired("change", before, after, (a, b) => boxChange(a, b, boxIntersection));
  },
  "metrics.activation_change": (testCase) => {
    const [before, after] = ["in.maps1", "in.maps2"].map((name) => grid(floats(testCase, name)));
    return paired(
      "change",
      before,
      after,
      (a, b) => activationChange(sortDescending(a.data), sortDescending(b.data)),
    );
  },
  "metrics.peak_change": peakChange,
  "metrics.rank_change": rankChange,
  "metrics.logit_change": (testCase) => {
    const [before, after] = ["in.logits1", "in.logits2"].map((name) => slices(floats(testCase, name)));
    const change = before.map(({ data }, i) => logitChange(data, after[i].data));
    const rank = before.map(({ data }, i) => topClassRank(data, after[i].data));
    return {
      tensors: {
        "out.activation": float32([change.length], change),
        "out.rank": int64s([rank.length], rank),
      },
    };
  },
  "metrics.stability_box": (testCase) => {
    const places = slices(floats(testCase, "in.parts"));
    const [before, after] = ["in.boxes1", "in.boxes2"].map((name) => boxGrid(testCase, name));
    return paired("stability", before, after, (a, b, i) => boxStability(a, b, places[i]));
  },
  "metrics.stability_mask": (testCase) => {
    const places = slices(floats(testCase, "in.parts"));
    const { unusedParts } = fidelityOf(testCase);
    const [before, after] = ["in.masks1", "in.masks2"]
      .map((name) => grid(tensorOf(testCase, name) as HostTensor<"uint8">));
    return paired("stability", before, after, (a, b, i) => maskStability(a, b, places[i], unusedParts));
  },
  "metrics.noise_outside": (testCase) => {
    const box = numbers(testCase, "in.box") as unknown as Box;
    const { image, noise } = addNoiseOutside(floats(testCase, "in.image"), floats(testCase, "in.noise"), box);
    return { tensors: { "out.image": image, "out.noise": noise } };
  },
};

function peakChange(testCase: Case): Outcome {
  const [first, second] = ["in.maps1", "in.maps2"].map((name) => slices(floats(testCase, name)));
  const found = first.map((maps, i) => {
    const side = peakSide(maps, fidelityOf(testCase).peak);
    return slices(maps).map(({ data: a }, n) => {
      const { data: b } = slices(second[i])[n];
      const [from, to] = [peakIndex(a), peakIndex(b)];
      return { location: peakDistance(from, to, side), value: peakValueChange(a[from], b[to]) };
    });
  });
  const shape = [found.length, found[0].length];
  return {
    tensors: {
      "out.location": int64s(shape, found.flat().map(({ location }) => location)),
      "out.value": float32([...shape, 1, 1], found.flat().map(({ value }) => value)),
    },
  };
}

function rankChange(testCase: Case): Outcome {
  const top = slices(tensorOf(testCase, "in.topk"));
  const changes = slices(floats(testCase, "in.scores")).flatMap((scores, i) =>
    rankChanges(
      Array.from(top[i].data, Number),
      scores.shape.length === 1 ? scores.data : slices(scores).map(({ data }) => data),
    )
  );
  return { tensors: { "out.change": int64s([top.length, top[0].shape[0]], changes) } };
}

function paired<T>(
  name: string,
  before: readonly T[][],
  after: readonly T[][],
  compute: (a: T, b: T, image: number) => number,
): Outcome {
  const values = before.flatMap((row, i) => row.map((one, n) => compute(one, after[i][n], i)));
  return { tensors: { [`out.${name}`]: float32([before.length, before[0].length], values) } };
}
