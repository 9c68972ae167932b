/** Conformance of the automatic mask generator: grids, crops, cleaning, and whole runs with a model or a stub. */

import { Sam2Predictor } from "../../../lib/models/sam2/predictor.ts";
import { cropBoxes } from "../../../lib/segment/automatic_masks/crop_boxes.ts";
import { type AutomaticMasks, generateMasks } from "../../../lib/segment/automatic_masks/generate_masks.ts";
import { type AutomaticMaskParameters } from "../../../lib/segment/automatic_masks/parameters.ts";
import { pointGrids } from "../../../lib/segment/automatic_masks/point_grids.ts";
import type { PointMasks, PromptableModel } from "../../../lib/segment/automatic_masks/promptable_model.ts";
import { removeRegions } from "../../../lib/segment/automatic_masks/remove_regions.ts";
import { Sam2MaskModel } from "../../../lib/segment/automatic_masks/sam2_model.ts";
import { cleanMasks } from "../../../lib/segment/automatic_masks/small_regions.ts";
import { float32, type HostTensor, hostTensor } from "../../../lib/tensor/host_tensor.ts";
import { image as newImage, mask } from "../../../lib/vision/image.ts";
import type { Box } from "../../../lib/vision/masks/boxes.ts";
import { compressRunLengths } from "../../../lib/vision/masks/rle_string.ts";
import { interpolate, interpolationTaps } from "../../../lib/vision/resize/torch.ts";
import { type Case, type Json, type Outcome, type Runner, tensorOf } from "../case.ts";
import { configurationOf, imageOf, weightsOf } from "./sam2_model.ts";

function parametersOf({ params: { generator, connected_components } }: Case): AutomaticMaskParameters {
  return {
    pointsPerSide: generator.points_per_side,
    pointsPerBatch: generator.points_per_batch,
    predictedIouThreshold: generator.pred_iou_thresh,
    stabilityThreshold: generator.stability_score_thresh,
    stabilityOffset: generator.stability_score_offset,
    maskThreshold: generator.mask_threshold,
    boxNmsThreshold: generator.box_nms_thresh,
    cropLayers: generator.crop_n_layers,
    cropNmsThreshold: generator.crop_nms_thresh,
    cropOverlap: generator.crop_overlap_ratio,
    cropPointsDownscale: generator.crop_n_points_downscale_factor,
    minRegionArea: generator.min_mask_region_area,
    removeRegions: connected_components === "on",
    multimask: generator.multimask_output ?? true,
    refine: generator.use_m2m ?? false,
    channelOrder: "RGB",
  };
}

function outcomeOf({ masks, crops }: AutomaticMasks): Outcome {
  const asSize = ([x1, y1, x2, y2]: Box) => [x1, y1, x2 - x1, y2 - y1];
  const column = (values: number[]) => float32([values.length], values);
  return {
    values: {
      crops: crops.map((report) => ({
        crop_box: report.crop.box,
        layer: report.crop.layer,
        candidates: report.candidates,
        after_pred_iou: report.afterPredictedIou,
        after_stability: report.afterStability,
        after_edge: report.afterEdge,
        after_nms: report.afterNms,
      })),
      count: masks.length,
      masks: masks.map(({ runs, box, area, crop }) => ({
        rle: compressRunLengths(runs),
        size: [runs.height, runs.width],
        bbox: asSize(box),
        area,
        crop_box: asSize(crop),
      })),
    },
    tensors: {
      "out.predicted_iou": column(masks.map(({ predictedIou }) => predictedIou)),
      "out.stability_score": column(masks.map(({ stability }) => stability)),
      "out.points": float32([masks.length, 2], masks.flatMap(({ point }) => [...point])),
    },
  };
}

async function withTinyModel(testCase: Case): Promise<Outcome> {
  const predictor = new Sam2Predictor(configurationOf(testCase), weightsOf(testCase));
  const model = new Sam2MaskModel(predictor);
  const masks = await generateMasks(await imageOf(testCase), model, parametersOf(testCase));
  await predictor.release();
  return outcomeOf(masks);
}

/** Discs and marks in place of a model, by the rule of the suite. */
class StubModel implements PromptableModel<Box> {
  constructor(private readonly scene: Json) {}

  embed(_: unknown, crop: Box): Promise<Box> {
    return Promise.resolve(crop);
  }

  decode(crop: Box, { count, points }: { count: number; points: Float32Array }): Promise<PointMasks> {
    const side: number = this.scene.low_res;
    const result = { masks: 3, width: side, height: side, ious: new Float32Array(3 * count) };
    const logits = new Float32Array(3 * count * side * side);
    for (let i = 0; i < count; i++) {
      const at = [points[2 * i] + crop[0], points[2 * i + 1] + crop[1]];
      this.#nearest(at).forEach(({ disc, t }, m) => {
        result.ious[3 * i + m] = disc[3] - 0.02 * m - 0.05 * Math.min(1, t / 2);
        this.#draw(disc, crop, logits.subarray((3 * i + m) * side * side, (3 * i + m + 1) * side * side));
      });
    }
    return Promise.resolve({ ...result, logits });
  }

  stretching(width: number, height: number) {
    const taps = (to: number) => interpolationTaps(this.scene.low_res, to, "bilinear");
    return { columns: taps(width), rows: taps(height) };
  }

  #nearest([x, y]: number[]): { disc: number[]; t: number }[] {
    const discs: number[][] = this.scene.discs;
    return discs.map((disc) => ({ disc, t: Math.hypot(x - disc[0], y - disc[1]) / disc[2] }))
      .sort((a, b) => a.t - b.t).slice(0, 3);
  }

  #draw([cx, cy, r, , gain]: number[], [x0, y0, x1, y1]: Box, out: Float32Array): void {
    const side: number = this.scene.low_res;
    const [width, height] = [x1 - x0, y1 - y0];
    for (let j = 0; j < side; j++) {
      for (let i = 0; i < side; i++) {
        const [dx, dy] = [x0 + (i + 0.5) * width / side - cx, y0 + (j + 0.5) * height / side - cy];
        const z = gain * (r * r - (dx * dx + dy * dy)) / (r * r);
        out[j * side + i] = Math.min(Math.max(z, -8), 8);
      }
    }
    for (const [x, y, value] of this.scene.marks) {
      const [i, j] = [Math.floor((x - x0) * side / width), Math.floor((y - y0) * side / height)];
      if (i >= 0 && i < side && j >= 0 && j < side) out[j * side + i] = value;
    }
  }
}

async function withStub(testCase: Case): Promise<Outcome> {
  const { width, height, stub } = testCase.params;
  const blank = newImage(width, height, "RGB");
  return outcomeOf(await generateMasks(blank, new StubModel(stub), parametersOf(testCase)));
}

function postprocess(testCase: Case): Outcome {
  const { max_hole_area, max_sprinkle_area, connected_components, mask_threshold, size } = testCase.params;
  const { shape, data } = tensorOf(testCase, "in.logits") as HostTensor<"float32">;
  const [batch, masks, height, width] = shape;
  const area = height * width;
  const filled = data.slice();
  for (let start = 0; connected_components === "on" && start < data.length; start += area) {
    const options = { threshold: mask_threshold, hole: max_hole_area, island: max_sprinkle_area };
    filled.set(removeRegions(data.subarray(start, start + area), width, height, options), start);
  }
  const enlarged = interpolate(float32([batch * masks, height, width], filled), size[1], size[0], "bilinear");
  return {
    tensors: {
      "out.filled": float32(shape, filled),
      "out.logits": float32([batch, masks, ...size], enlarged.data),
    },
  };
}

function smallRegions(testCase: Case): Outcome {
  const { shape: [count, height, width], data } = tensorOf(testCase, "in.masks") as HostTensor<"uint8">;
  const area = height * width;
  const masks = Array.from(
    { length: count },
    (_, i) => mask(width, height, data.subarray(i * area, (i + 1) * area)),
  );
  const kept = cleanMasks(masks, testCase.params.min_area, testCase.params.nms_thresh);
  const all = new Uint8Array(kept.length * area);
  kept.forEach(({ mask }, i) => all.set(mask.data, i * area));
  return {
    tensors: {
      "out.masks": hostTensor("uint8", [kept.length, height, width], all),
      "out.boxes": float32([kept.length, 4], kept.flatMap(({ box }) => [...box])),
    },
    values: { kept: kept.map(({ source }) => source) },
  };
}

export const generatorRunners: Record<string, Runner> = {
  "sam2.point_grid": ({ params }) => {
    const grids = pointGrids(
      params.points_per_side,
      params.crop_n_layers,
      params.crop_n_points_downscale_factor,
    );
    return {
      tensors: Object.fromEntries(
        grids.map((grid, i) => [`out.grid${i}`, hostTensor("float64", [grid.length / 2, 2], grid)]),
      ),
    };
  },
  "sam2.crop_boxes": ({ params: { width, height, crop_n_layers, crop_overlap_ratio } }) => {
    const crops = cropBoxes(width, height, crop_n_layers, crop_overlap_ratio);
    return { values: { boxes: crops.map(({ box }) => box), layers: crops.map(({ layer }) => layer) } };
  },
  "sam2.postprocess_masks": postprocess,
  "sam2.postprocess_small_regions": smallRegions,
  "sam2.amg": withTinyModel,
  "sam2.amg_stub": withStub,
  "sam2.amg_stub_empty": async (testCase) => {
    const { values } = await withStub(testCase);
    return {
      values: { count: values!.count, reference_fails: testCase.params.generator.crop_n_layers > 0 },
    };
  },
};
