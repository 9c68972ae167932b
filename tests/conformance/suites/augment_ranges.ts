/** The kind `augment.ranges`: a pipeline's ranges, and the statistics of what its sampler draws from them. */

import type { Case, Json, Outcome } from "../case.ts";
import { RandomStream } from "../../../lib/tensor/random.ts";
import { drawAffine, drawOperations, type Operation } from "../../../lib/vision/augment/draw.ts";
import { pipeline, type Range, type Transform } from "../../../lib/vision/augment/transforms.ts";

const SIZE = { width: 224, height: 224 };
const DRAWS = 5000;

/** The transforms in the reference's own terms, and every statistic of the sampler that is out of bounds. */
export function compareRanges(testCase: Case): Outcome {
  const { pipeline: name, level, sampled } = testCase.params;
  const transforms = pipeline(name, level, "wrap");
  const values = { transforms: transforms.map(describe) };
  return { values, faults: sampled ? faultsOfSampler(transforms, sampled) : [] };
}

function describe(transform: Transform): Json {
  const { p } = transform;
  switch (transform.transform) {
    case "flip":
      return { transform: "HorizontalFlip", p };
    case "perspective": {
      const constants = { interpolation: 1, keep_size: true, fit_output: false, pad_mode: 0, pad_val: 0 };
      return { transform: "Perspective", p, scale: transform.scale, ...constants };
    }
    case "affine":
      return {
        transform: "Affine",
        p,
        scale: both(transform.scale),
        shear: both(transform.shear),
        rotate: transform.rotate,
        translate_percent: transform.translate ? both(transform.translate) : null,
        mode: { constant: 0, wrap: 3, reflect101: 4 }[transform.border],
        cval: 0,
        interpolation: 1,
        mask_interpolation: 0,
        fit_output: false,
        keep_ratio: false,
      };
    case "color_jitter": {
      const { brightness, contrast, saturation, hue } = transform;
      return { transform: "ColorJitter", p, brightness, contrast, saturation, hue };
    }
    case "posterize":
      return { transform: "Posterize", p, num_bits: transform.bits };
    case "blur":
      return { transform: "Blur", p, blur_limit: transform.kernel };
    case "gauss_noise":
      return { transform: "GaussNoise", p, var_limit: transform.variance, per_channel: true };
    case "jpeg": {
      const [quality_lower, quality_upper] = transform.quality;
      return { transform: "ImageCompression", p, quality_lower, quality_upper };
    }
  }
}

function both(range: Range): Json {
  return { x: range, y: range };
}

/** Drawn values by the names of the reference's transforms and of their parameters. */
type Samples = Map<string, number[]>;

function faultsOfSampler(transforms: readonly Transform[], sampled: Json): string[] {
  const samples: Samples = new Map();
  for (let index = 0; index < DRAWS; index++) {
    const stream = { seed: 4861, purpose: "augment", index };
    for (const operation of drawOperations(transforms, SIZE, stream)) record(samples, operation);
    for (const transform of transforms) recordParameters(samples, transform, index);
  }
  const faults: string[] = [];
  for (const [transform, statistics] of Object.entries<Json>(sampled)) {
    const share = (samples.get(transform)?.length ?? 0) / DRAWS;
    const { p } = transforms.map(describe).find((other) => other.transform === transform);
    if (Math.abs(share - p) > 0.05) {
      faults.push(`${transform}: applied to ${share} of the images, expected ${p}`);
    }
    for (const [name, expected] of Object.entries<Json>(statistics)) {
      if (name === "p") continue;
      faults.push(
        ...compareStatistics(`${transform}.${name}`, samples.get(`${transform}.${name}`) ?? [], expected),
      );
    }
  }
  return faults;
}

function compareStatistics(name: string, values: readonly number[], expected: Json): string[] {
  if (values.length === 0) return [`${name}: nothing was drawn`];
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const std = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  const faults: string[] = [];
  if (!(Math.abs(mean - expected.mean) <= 5 * expected.std * Math.sqrt(2 / expected.n) + 1e-9)) {
    faults.push(`${name}: mean ${mean}, expected ${expected.mean}`);
  }
  if (!(Math.abs(std - expected.std) <= 0.1 * expected.std + 1e-9)) {
    faults.push(`${name}: standard deviation ${std}, expected ${expected.std}`);
  }
  return faults;
}

function record(samples: Samples, operation: Operation): void {
  switch (operation.operation) {
    case "flip":
      return add(samples, "HorizontalFlip", {});
    case "perspective": {
      const { width, height } = operation.perspective;
      return add(samples, "Perspective", { max_width: width, max_height: height });
    }
    case "affine": {
      const [matrix_00, matrix_01, , matrix_10, matrix_11] = operation.matrix;
      return add(samples, "Affine", { matrix_00, matrix_01, matrix_10, matrix_11 });
    }
    case "color_jitter": {
      const { brightness, contrast, saturation, hue, order: [first_op] } = operation.jitter;
      return add(samples, "ColorJitter", { brightness, contrast, saturation, hue, first_op });
    }
    case "posterize":
      return add(samples, "Posterize", { num_bits: operation.bits });
    case "blur":
      return add(samples, "Blur", { ksize: operation.kernel });
    case "gauss_noise":
      return add(samples, "GaussNoise", { std: operation.sigma });
    case "jpeg":
      return add(samples, "ImageCompression", { quality: operation.quality });
  }
}

/** What an affine matrix is made of can't be read off it, so it is drawn here by itself. */
function recordParameters(samples: Samples, transform: Transform, index: number): void {
  if (transform.transform !== "affine") return;
  const random = new RandomStream({ seed: 4861, purpose: "affine", index });
  const { scale, translate } = drawAffine(transform, SIZE, random);
  for (
    const [name, value] of Object.entries({
      scale: scale[0],
      scale_y: scale[1],
      translate_x: translate[0],
      translate_y: translate[1],
    })
  ) push(samples, `Affine.${name}`, value);
}

function add(samples: Samples, transform: string, values: Record<string, number>): void {
  push(samples, transform, 1);
  for (const [name, value] of Object.entries(values)) push(samples, `${transform}.${name}`, value);
}

function push(samples: Samples, name: string, value: number): void {
  const values = samples.get(name);
  if (values) values.push(value);
  else samples.set(name, [value]);
}
