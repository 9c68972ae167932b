/** Conformance of the metrics of complexity and of mask consistency. */

import type { PartPoint } from "../../../../lib/data/data_set.ts";
import { PartConsistency } from "../../../../lib/metrics/complexity/consistency.ts";
import { objectMask } from "../../../../lib/metrics/complexity/object_mask.ts";
import { objectOverlaps } from "../../../../lib/metrics/complexity/overlap.ts";
import { partsInBox, type PartSlots, partsOnMap } from "../../../../lib/metrics/complexity/part_hits.ts";
import { relevanceDifference, relevanceRatio } from "../../../../lib/metrics/complexity/relevance.ts";
import { maskPatterns, patternConsistency } from "../../../../lib/segment/consistency.ts";
import { float32, type HostTensor, hostTensor } from "../../../../lib/tensor/host_tensor.ts";
import { type Mask, mask } from "../../../../lib/vision/image.ts";
import { type Case, type Outcome, type Runner, tensorOf } from "../../case.ts";
import { boxGrid, bytes, fidelityOf, floats, grid, int64s, maskStack, numbers, slices } from "./inputs.ts";

export const complexityRunners: Record<string, Runner> = {
  "metrics.object_mask": (testCase) => {
    const masks = objectMasks(testCase);
    const [{ width, height }] = masks;
    return { tensors: { "out.mask": bytes([masks.length, height, width], masks.map(({ data }) => data)) } };
  },
  "metrics.object_overlaps": (testCase) => {
    const objects = slices(maskStack(testCase, "in.object"));
    const overlaps = grid(maskStack(testCase, "in.masks"))
      .map((row, i) => row.map(({ data }) => objectOverlaps(data, objects[i].data)));
    return {
      tensors: {
        "out.object_overlap": table(overlaps.map((row) => row.map((one) => one.objectOverlap))),
        "out.background_overlap": table(overlaps.map((row) => row.map((one) => one.backgroundOverlap))),
        "out.iou": table(overlaps.map((row) => row.map((one) => one.iou))),
      },
    };
  },
  "metrics.relevance": (testCase) => {
    const objects = slices(maskStack(testCase, "in.object"));
    const maps = grid(floats(testCase, "in.maps"));
    const { ratioClamp } = fidelityOf(testCase);
    return {
      tensors: {
        "out.iord": table(
          maps.map((row, i) => row.map(({ data }) => relevanceDifference(data, objects[i].data))),
        ),
        "out.oirr": table(
          maps.map((row, i) => row.map(({ data }) => relevanceRatio(data, objects[i].data, ratioClamp))),
        ),
      },
    };
  },
  "metrics.part_hits_box": (testCase) => {
    const parts = partSlots(testCase);
    return hits(boxGrid(testCase, "in.boxes").map((row, i) => row.map((box) => partsInBox(box, parts[i]))));
  },
  "metrics.part_hits_map": (testCase) => {
    const parts = partSlots(testCase);
    const { consistencyMap } = fidelityOf(testCase);
    return hits(
      grid(floats(testCase, "in.maps")).map((row, i) =>
        row.map((map) => partsOnMap(map, parts[i], consistencyMap))
      ),
    );
  },
  "metrics.consistency": (testCase) => {
    const consistency = new PartConsistency(testCase.params.prototypes);
    const ids = grid(tensorOf(testCase, "in.ids"));
    slices(tensorOf(testCase, "in.topk")).forEach(({ data }, i) =>
      consistency.add(Array.from(data, Number), ids[i].map((row) => Array.from(row.data, Number)))
    );
    return { values: { consistency: 100 * consistency.mean() } };
  },
  "metrics.mask_patterns": (testCase) => {
    const slots = partPoints(floats(testCase, "in.parts"), tensorOf(testCase, "in.part_ids"));
    const patterns = maskPatterns(masksOf(testCase), slots, testCase.params.fidelity);
    return { tensors: { "out.patterns": int64s([patterns.length], patterns) } };
  },
  "metrics.mask_consistency": maskConsistency,
};

/** The object masks of a case, from its levels in either layout. */
export function objectMasks(testCase: Case): Mask[] {
  return slices(tensorOf(testCase, "in.levels") as HostTensor<"uint8">)
    .map((levels) => objectMask(levels, levels.shape[2] === 3 ? "HWC" : "CHW"));
}

/** Per image its parts. */
export function partSlots(testCase: Case): PartSlots[] {
  const ids = slices(tensorOf(testCase, "in.part_ids"));
  return slices(floats(testCase, "in.parts"))
    .map((places, i) => ({ places, ids: Int32Array.from(ids[i].data, Number) }));
}

function maskConsistency(testCase: Case): Outcome {
  const image = numbers(testCase, "in.image");
  const all = masksOf(testCase);
  const ids = slices(tensorOf(testCase, "in.part_ids"));
  const patterns = slices(floats(testCase, "in.parts")).map((places, i) =>
    maskPatterns(
      all.filter((_, m) => image[m] === i),
      partPoints(places, ids[i]),
      testCase.params.fidelity,
    )
  );
  const labels = numbers(testCase, "in.labels");
  const { classMeans, classStds, total, totalStd } = patternConsistency(
    patterns,
    labels,
    testCase.params.classes,
  );
  return {
    tensors: {
      "out.class_mean": float32([classMeans.length], classMeans),
      "out.class_std": float32([classStds.length], classStds),
    },
    values: { total, total_std: totalStd },
  };
}

function masksOf(testCase: Case): Mask[] {
  return slices(tensorOf(testCase, "in.masks") as HostTensor<"uint8">)
    .map(({ shape, data }) => mask(shape[1], shape[0], data));
}

function partPoints(places: HostTensor<"float32">, ids: HostTensor): PartPoint[] {
  return Array.from(ids.data, Number).map((
    id,
    slot,
  ) => [id, places.data[slot * 2], places.data[slot * 2 + 1]]);
}

function table(rows: readonly number[][]): HostTensor {
  return float32([rows.length, rows[0].length], rows.flat());
}

function hits(ids: readonly Int32Array[][]): Outcome {
  const shape = [ids.length, ids[0].length, ids[0][0].length];
  const data = Int32Array.from(ids.flat().flatMap((row) => [...row]));
  return { tensors: { "out.ids": hostTensor("int32", shape, data) } };
}
