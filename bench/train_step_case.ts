/** The networks that bench/train_step.ts measures. */

import type { ResNetConfig } from "../lib/models/resnet.ts";

export interface Case extends ResNetConfig {
  readonly batch: number;
  /** Height and width of the images. */
  readonly size: number;
  readonly classes: number;
  readonly training: boolean;
}

const RESNET50 = {
  block: "bottleneck",
  layers: [3, 4, 6, 3],
  width: 64,
  strides: [1, 2, 2, 2],
  batch: 8,
  size: 224,
  classes: 1000,
} as const;

export const CASES: Readonly<Record<string, Case>> = {
  resnet50: { ...RESNET50, training: true },
  small: {
    block: "basic",
    layers: [1, 1, 1, 1],
    width: 32,
    strides: [1, 2, 2, 2],
    batch: 64,
    size: 64,
    classes: 20,
    training: true,
  },
  eval: { ...RESNET50, training: false },
};
