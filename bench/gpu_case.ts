/** The cases of bench/gpu.ts, and their sizes. */

import { SAM2_CONFIGURATIONS, type Sam2Configuration } from "../lib/models/sam2/configurations.ts";
import { SMALL } from "../tests/models/sam2/generated_model.ts";

export const CASES = ["parity of a step", "parity of masks", "joint", "segment", "prp"] as const;

export interface GpuCase {
  readonly name: typeof CASES[number];
  readonly device: "cpu" | "cuda" | "webgpu";
  readonly size: keyof typeof SIZES;
}

export interface GpuAnswer {
  readonly text: string;
}

/** The sizes of a measurement. */
export interface GpuSizes {
  /** The ResNet's blocks a stage. */
  readonly layers: readonly number[];
  readonly classes: number;
  readonly depth: number;
  /** Images of a micro-batch, and the views of each. */
  readonly batch: number;
  readonly views: number;
  readonly side: number;
  /** Micro-batches to a step. */
  readonly accumulate: number;
  readonly sam2: Sam2Configuration;
  /** Points of a crop, and crops of an image. */
  readonly points: number;
  readonly crops: number;
  /** Prototypes explained an image. */
  readonly prototypes: number;
}

export const SIZES = {
  published: {
    layers: [3, 4, 6, 3],
    classes: 200,
    depth: 1280,
    batch: 16,
    views: 11,
    side: 224,
    accumulate: 4,
    sam2: SAM2_CONFIGURATIONS["hiera-base-plus"],
    points: 1024,
    crops: 21,
    prototypes: 5,
  },
  small: {
    layers: [1, 1, 1, 1],
    classes: 4,
    depth: 32,
    batch: 2,
    views: 2,
    side: 64,
    accumulate: 4,
    sam2: SMALL,
    points: 16,
    crops: 21,
    prototypes: 2,
  },
} as const satisfies Record<string, GpuSizes>;
