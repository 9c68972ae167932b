/** The transforms of an augmentation pipeline with the ranges that their parameters are drawn from. */

import type { Border } from "./remap.ts";

/** Lowest and highest value. */
export type Range = readonly [low: number, high: number];

/** `p` is the probability that the transform is applied at all. */
export type Transform =
  | { readonly transform: "flip"; readonly p: number }
  /** `scale`: of the spread σ of the corners. */
  | { readonly transform: "perspective"; readonly p: number; readonly scale: Range }
  | {
    readonly transform: "affine";
    readonly p: number;
    readonly scale: Range;
    /** Degrees, for each direction on its own. */
    readonly shear: Range;
    readonly rotate: Range;
    /** Shares of the sides; undefined where nothing is moved or drawn. */
    readonly translate?: Range;
    readonly border: Border;
  }
  | {
    readonly transform: "color_jitter";
    readonly p: number;
    readonly brightness: Range;
    readonly contrast: Range;
    readonly saturation: Range;
    readonly hue: Range;
  }
  | { readonly transform: "posterize"; readonly p: number; readonly bits: Range }
  | { readonly transform: "blur"; readonly p: number; readonly kernel: Range }
  | { readonly transform: "gauss_noise"; readonly p: number; readonly variance: Range }
  | { readonly transform: "jpeg"; readonly p: number; readonly quality: Range };

export type PipelineName = "geometric" | "protomask" | "photometric" | "pipnet" | "noise" | "continuity";
export type Level = "small" | "medium" | "large";

const ORDINAL: Readonly<Record<Level, number>> = { small: 0, medium: 1, large: 2 };

/**
 * The transforms of a pipeline, in the order in which they are applied.
 *
 * @param level how wide the ranges are; `continuity` is the same at all levels
 * @param border the values beyond the edge for the affine transform: `wrap` in the reference implementation,
 *   presumably by a mistaken mode number; `reflect101` is the likely intention
 */
export function pipeline(name: PipelineName, level: Level, border: Border): readonly Transform[] {
  const n = ORDINAL[level];
  switch (name) {
    case "geometric": {
      const share = [0.1, 0.15, 0.25][n];
      return geometric(n, border, around(1, share), around(0, share));
    }
    case "protomask":
      return geometric(n, border, [1, 1]);
    case "photometric":
      return [jitter(n)];
    case "pipnet":
      return [
        jitter(n),
        { transform: "posterize", p: 1, bits: [[6, 4, 2][n], 8] },
        { transform: "blur", p: 0.5, kernel: [3, 3] },
      ];
    case "noise": {
      const kernel = [3, 5, 7][n];
      return [
        { transform: "gauss_noise", p: 1, variance: [0, [5, 10, 15][n]] },
        { transform: "blur", p: 1, kernel: [kernel, kernel] },
        { transform: "jpeg", p: 1, quality: [[90, 80, 70][n], 100] },
      ];
    }
    case "continuity": {
      const factor: Range = [1.125, 1.125];
      return [
        {
          transform: "color_jitter",
          p: 1,
          brightness: factor,
          contrast: factor,
          saturation: factor,
          hue: [0.05, 0.05],
        },
        { transform: "gauss_noise", p: 1, variance: [5, 5] },
        { transform: "blur", p: 1, kernel: [3, 3] },
        { transform: "jpeg", p: 1, quality: [90, 90] },
      ];
    }
  }
}

function geometric(n: number, border: Border, scale: Range, translate?: Range): readonly Transform[] {
  const angle = around(0, [10, 15, 25][n]);
  return [
    { transform: "flip", p: 0.5 },
    { transform: "perspective", p: 1, scale: [0, [0.025, 0.05, 0.1][n]] },
    { transform: "affine", p: 1, scale, shear: angle, rotate: angle, translate, border },
  ];
}

function jitter(n: number): Transform {
  const factor = around(1, [0.1, 0.15, 0.25][n]);
  return {
    transform: "color_jitter",
    p: 1,
    brightness: factor,
    contrast: factor,
    saturation: factor,
    hue: around(0, [0.01, 0.025, 0.05][n]),
  };
}

function around(middle: number, spread: number): Range {
  return [middle - spread, middle + spread];
}
