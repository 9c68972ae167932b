/** Conformance of masks: run lengths, boxes, components, suppression, the mask driver and its statistics. */

import { balanceMasks } from "../../../lib/segment/balance.ts";
import { arrangeMasks, maskFileName } from "../../../lib/segment/mask_driver.ts";
import type { MaskRecord } from "../../../lib/segment/mask_index.ts";
import { masksToKeep, meanByRank } from "../../../lib/segment/rank_means.ts";
import { patchMasks } from "../../../lib/segment/patches.ts";
import { type HostTensor, hostTensor } from "../../../lib/tensor/host_tensor.ts";
import { image, type Mask, mask } from "../../../lib/vision/image.ts";
import { type Box, centeringShift, maskBox } from "../../../lib/vision/masks/boxes.ts";
import { connectedComponents } from "../../../lib/vision/masks/components.ts";
import { isNearCropEdge, uncropBox, uncropMask, uncropPoint } from "../../../lib/vision/masks/crop.ts";
import { cutImage, maskOfCut } from "../../../lib/vision/masks/cut.ts";
import { dilate, structuringElement } from "../../../lib/vision/masks/dilate.ts";
import { boxIou, maskIou } from "../../../lib/vision/masks/iou.ts";
import { nonMaximumSuppression } from "../../../lib/vision/masks/nms.ts";
import {
  decodeRunLengths,
  encodeRunLengths,
  runLengthArea,
  runLengthBox,
  runLengths,
} from "../../../lib/vision/masks/rle.ts";
import { compressRunLengths, decompressRunLengths } from "../../../lib/vision/masks/rle_string.ts";
import { removeSmallRegions } from "../../../lib/vision/masks/small_regions.ts";
import { interpolationTaps } from "../../../lib/vision/resize/torch.ts";
import { MaskStretcher } from "../../../lib/segment/automatic_masks/stretched_mask.ts";
import { maskArea } from "../../segment/mask_area.ts";
import { maskConsistency } from "../../segment/mask_consistency.ts";
import { type Case, type Json, type Outcome, type Runner, tensorOf } from "../case.ts";

export const runners: Record<string, Runner> = {
  "masks.rle": rle,
  "masks.rle_decode": ({ params }) => {
    const [height, width] = params.size;
    const decoded = decodeRunLengths(decompressRunLengths(width, height, params.compressed));
    return { tensors: { "out.mask": maskTensor(decoded) } };
  },
  "masks.rle_error": ({ params }) => {
    decompressRunLengths(params.size[1], params.size[0], params.compressed);
    return {};
  },
  "masks.box": (testCase) => {
    const one = inputMask(testCase);
    const box = maskBox(one);
    const area = maskArea(one);
    return {
      values: {
        box,
        sam2_box: box,
        shift: centeringShift(box, one.width, one.height),
        size: area / (one.width * one.height),
        area,
      },
    };
  },
  "masks.box_empty": (testCase) => {
    const box = maskBox(inputMask(testCase));
    return { values: { box, sam2_box: box } };
  },
  "masks.components": components,
  "masks.remove_small_regions": (testCase) => {
    const { area, mode } = testCase.params;
    const { mask, changed } = removeSmallRegions(inputMask(testCase), area, mode);
    return { tensors: { "out.mask": maskTensor(mask) }, values: { changed } };
  },
  "masks.dilate": (testCase) => {
    const element = structuringElement(testCase.params.shape, testCase.params.kernel);
    return {
      tensors: {
        "out.element": maskTensor(element),
        "out.mask": maskTensor(dilate(inputMask(testCase), element)),
      },
    };
  },
  "masks.stability": (testCase) => {
    const { mask_threshold: threshold, offset } = testCase.params;
    const logits = tensorOf(testCase, "in.logits");
    const [, height, width] = logits.shape;
    const [columns, lines] = [width, height].map((length) => interpolationTaps(length, length, "bilinear"));
    const stretcher = new MaskStretcher(width, height, { columns, rows: lines }, { threshold, offset });
    const scores = rows(logits).map((data) => stretcher.measure(data as Float32Array).stability);
    return { values: { scores: scores.map((score) => Number.isNaN(score) ? null : score) } };
  },
  "masks.nms": (testCase) => ({
    values: {
      keep: nonMaximumSuppression(
        boxes(testCase, "in.boxes"),
        numbers(tensorOf(testCase, "in.scores")),
        testCase.params.iou_threshold,
      ),
    },
  }),
  "masks.batched_nms": (testCase) => ({
    values: {
      keep: keptInCategories(
        boxes(testCase, "in.boxes"),
        numbers(tensorOf(testCase, "in.scores")),
        numbers(tensorOf(testCase, "in.categories")),
        testCase.params.iou_threshold,
      ),
    },
  }),
  "masks.box_iou": (testCase) => {
    const [a, b] = [boxes(testCase, "in.a"), boxes(testCase, "in.b")];
    const iou = Float32Array.from(a.flatMap((one) => b.map((other) => boxIou(one, other))));
    return { tensors: { "out.iou": hostTensor("float32", [a.length, b.length], iou) } };
  },
  "masks.mask_iou": (testCase) => {
    const a = masks(tensorOf(testCase, "in.a")).map(encodeRunLengths);
    const b = masks(tensorOf(testCase, "in.b")).map(encodeRunLengths);
    const crowd = Boolean(testCase.params.crowd);
    const iou = Float64Array.from(a.flatMap((one) => b.map((other) => maskIou(one, other, crowd))));
    return { tensors: { "out.iou": hostTensor("float64", [a.length, b.length], iou) } };
  },
  "masks.near_crop_edge": (testCase) => {
    const { crop_box: crop, image_box: whole, atol } = testCase.params;
    return {
      values: { near: boxes(testCase, "in.boxes").map((box) => isNearCropEdge(box, crop, whole, atol)) },
    };
  },
  "masks.uncrop": uncrop,
  "masks.driver": driver,
  "masks.patches": ({ params }) => ({
    tensors: {
      "out.masks": maskStack(
        patchMasks(params.width, params.height, params.box, params.split_factor).map((runs) =>
          decodeRunLengths(runs)
        ),
      ),
    },
  }),
  "masks.consistency": consistency,
  "masks.mean_size": ({ params }) => {
    const means = meanByRank(params.sizes);
    return { values: { means, keep: masksToKeep(means, params.threshold) } };
  },
  "masks.balance": balance,
};

function rle(testCase: Case): Outcome {
  const { expect } = testCase;
  const one = inputMask(testCase);
  const encoded = encodeRunLengths(one);
  const box = runLengthBox(encoded);
  const faults: string[] = [];
  const expectDecoded = (name: string, decoded: Mask) => {
    if (decoded.data.join() !== one.data.join()) faults.push(`${name}: decodes to another mask`);
  };
  expectDecoded("counts", decodeRunLengths(runLengths(one.width, one.height, expect.counts)));
  expectDecoded(
    "compressed",
    decodeRunLengths(decompressRunLengths(one.width, one.height, expect.compressed)),
  );
  return {
    faults,
    values: {
      size: [encoded.height, encoded.width],
      counts: [...encoded.counts],
      compressed: compressRunLengths(encoded),
      area: runLengthArea(encoded),
      bbox_xywh: box ? [box[0], box[1], box[2] - box[0] + 1, box[3] - box[1] + 1] : [0, 0, 0, 0],
    },
  };
}

function components(testCase: Case): Outcome {
  const one = inputMask(testCase);
  const shape = [one.height, one.width];
  const { labels, areas } = connectedComponents(one, testCase.params.connectivity, "raster");
  const opencv = connectedComponents(one, testCase.params.connectivity, "opencv");
  return {
    tensors: {
      "out.labels": hostTensor("int32", shape, labels),
      "out.cv2_labels": hostTensor("int32", shape, opencv.labels),
    },
    values: {
      count: areas.length,
      areas,
      cv2_order_is_raster_order: opencv.labels.join() === labels.join(),
    },
  };
}

/** Boxes that a better one of their own category does not suppress, by falling score. */
function keptInCategories(
  all: readonly Box[],
  scores: readonly number[],
  categories: readonly number[],
  threshold: number,
): number[] {
  const keep = [...new Set(categories)].flatMap((category) => {
    const members = [...all.keys()].filter((i) => categories[i] === category);
    return nonMaximumSuppression(members.map((i) => all[i]), members.map((i) => scores[i]), threshold)
      .map((place) => members[place]);
  });
  return keep.sort((a, b) => scores[b] - scores[a] || a - b);
}

function uncrop(testCase: Case): Outcome {
  const { crop_box: crop, height, width } = testCase.params;
  const movedBoxes = boxes(testCase, "in.boxes").flatMap((box) => uncropBox(box, crop));
  const points = rows(tensorOf(testCase, "in.points"));
  const movedPoints = points.flatMap((point) => uncropPoint([Number(point[0]), Number(point[1])], crop));
  return {
    tensors: {
      "out.boxes": hostTensor("float32", [movedBoxes.length / 4, 4], Float32Array.from(movedBoxes)),
      "out.points": hostTensor("float32", [points.length, 2], Float32Array.from(movedPoints)),
      "out.masks": maskStack(
        masks(tensorOf(testCase, "in.masks")).map((one) => uncropMask(one, crop, width, height)),
      ),
    },
  };
}

function driver(testCase: Case): Outcome {
  const input = tensorOf(testCase, "in.image");
  const [height, width] = input.shape;
  const picture = image(width, height, "RGB", input.data as Uint8Array);
  const kept = arrangeMasks(masks(tensorOf(testCase, "in.masks")));
  const cuts = kept.map(({ mask }) => cutImage(picture, mask));
  return {
    tensors: {
      "out.cut": hostTensor(
        "uint8",
        [cuts.length, height, width, 3],
        Uint8Array.from(cuts.flatMap(({ data }) => [...data])),
      ),
    },
    values: {
      order: kept.map(({ source }) => source),
      size: kept.map(({ size }) => size),
      shift: kept.map(({ shift }) => shift),
      bounding_boxes: kept.map(({ box }) => box),
      files: kept.map((_, rank) => maskFileName(rank)),
      recovered_area: cuts.map((cut) => maskArea(maskOfCut(cut))),
    },
  };
}

function consistency(testCase: Case): Outcome {
  const { num_classes: classCount, labels, parts } = testCase.params;
  const images = labels.map((label: number, i: number) => ({
    label,
    masks: masks(tensorOf(testCase, `in.masks${i}`)),
    parts: parts[i],
  }));
  const values: Json = {};
  for (const fidelity of ["reference", "intended"] as const) {
    const { patterns, classMeans, classStds, total } = maskConsistency(images, classCount, fidelity);
    values[fidelity] = { ids: patterns, class_mean: classMeans, class_std: classStds, total };
  }
  return { values };
}

function balance({ params }: Case): Outcome {
  const original = (count: number): MaskRecord[] =>
    Array.from({ length: count }, (_, key) => ({ key, file: maskFileName(key), size: key }));
  const values: Json = {};
  for (const set of ["train", "test"]) {
    // Masks are ranked by size: the largest have the lowest keys.
    const reduced = params[set].map((id: number) => original(Math.min(params.counts[id], params.num)));
    values[set] = balanceMasks(reduced).map((records, i) => ({
      id: params[set][i],
      files: records.map(({ file }) => file),
      source: records.map(({ size }) => size),
      keys: records.map(({ key }) => key),
    }));
  }
  return { values };
}

function inputMask(testCase: Case): Mask {
  const { shape, data } = tensorOf(testCase, "in.mask");
  return mask(shape[1], shape[0], data as Uint8Array);
}

/** The masks of an N × height × width tensor. */
function masks(tensor: HostTensor): Mask[] {
  return rows(tensor).map((data) => mask(tensor.shape[2], tensor.shape[1], data as Uint8Array));
}

function maskTensor({ width, height, data }: Mask): HostTensor {
  return hostTensor("uint8", [height, width], data);
}

function maskStack(stack: readonly Mask[]): HostTensor {
  const [{ width, height }] = stack;
  const data = Uint8Array.from(stack.flatMap((one) => [...one.data]));
  return hostTensor("uint8", [stack.length, height, width], data);
}

/** The slices of a tensor along its first axis. */
function rows({ shape, data }: HostTensor): HostTensor["data"][] {
  const length = shape.slice(1).reduce((product, side) => product * side, 1);
  return Array.from({ length: shape[0] }, (_, i) => data.subarray(i * length, (i + 1) * length));
}

function boxes(testCase: Case, name: string): Box[] {
  return rows(tensorOf(testCase, name)).map((row) => Array.from(row, Number) as unknown as Box);
}

function numbers({ data }: HostTensor): number[] {
  return Array.from(data, Number);
}
