/** The configuration of SAM 2.1's image model, and its four published sizes. */

/** Ravi et al., "SAM 2: Segment Anything in Images and Videos", arXiv:2408.00714; the trunk is Hiera, arXiv:2306.00989. */
export interface Sam2Configuration {
  /** The side of the square input image, in pixels. */
  readonly imageSize: number;
  /** Channels and attention heads of the first stage; both double at every stage. */
  readonly channels: number;
  readonly heads: number;
  /** The number of blocks per stage. */
  readonly stages: readonly number[];
  /** Blocks, numbered over all stages, that attend to the whole map instead of a window. */
  readonly globalBlocks: readonly number[];
  /** [height, width] of the learned background of the position embedding. */
  readonly backgroundSize: readonly [number, number];
  /** The side of each stage's windows, in tokens. */
  readonly windows: readonly number[];
  /** The number of stages that halve the map in their first block. */
  readonly pooledStages: number;
  /** Channels of the neck and the mask decoder. */
  readonly width: number;
  /** Levels of the neck (0 is the finest) to which the next coarser level is added. */
  readonly topDownLevels: readonly number[];
  readonly topDownMode: "nearest" | "bilinear";
  /** The number of coarsest levels that are dropped after the neck. */
  readonly droppedLevels: number;
}

const common = {
  imageSize: 1024,
  pooledStages: 3,
  width: 256,
  topDownLevels: [2, 3],
  topDownMode: "nearest",
  droppedLevels: 1,
} as const;

/** The published sizes by name. */
export const SAM2_CONFIGURATIONS = {
  "hiera-tiny": {
    ...common,
    channels: 96,
    heads: 1,
    stages: [1, 2, 7, 2],
    globalBlocks: [5, 7, 9],
    backgroundSize: [7, 7],
    windows: [8, 4, 14, 7],
  },
  "hiera-small": {
    ...common,
    channels: 96,
    heads: 1,
    stages: [1, 2, 11, 2],
    globalBlocks: [7, 10, 13],
    backgroundSize: [7, 7],
    windows: [8, 4, 14, 7],
  },
  "hiera-base-plus": {
    ...common,
    channels: 112,
    heads: 2,
    stages: [2, 3, 16, 3],
    globalBlocks: [12, 16, 20],
    backgroundSize: [14, 14],
    windows: [8, 4, 14, 7],
  },
  "hiera-large": {
    ...common,
    channels: 144,
    heads: 2,
    stages: [2, 6, 36, 4],
    globalBlocks: [23, 33, 43],
    backgroundSize: [7, 7],
    windows: [8, 4, 16, 8],
  },
} as const satisfies Record<string, Sam2Configuration>;

export type Sam2Size = keyof typeof SAM2_CONFIGURATIONS;

/** The side of the mask decoder's map, in tokens: the image's side divided by 16. */
export function embeddingSize({ imageSize }: Sam2Configuration): number {
  return imageSize / 16;
}

/** The side of the decoder's mask logits: the image's side divided by 4. */
export function logitSize({ imageSize }: Sam2Configuration): number {
  return imageSize / 4;
}
