/** The sizes of a SegFormer (Xie et al. 2021): what distinguishes B0 … B5 and smaller ones. */

export interface SegformerConfiguration {
  readonly channels: number;
  /** Per stage, the finest first. */
  readonly depths: readonly number[];
  readonly hiddenSizes: readonly number[];
  readonly heads: readonly number[];
  /** By how much a stage shrinks the map of its keys and values, along each side. */
  readonly reductions: readonly number[];
  /** Kernels and strides of the convolutions that embed patches. */
  readonly patchSizes: readonly number[];
  readonly strides: readonly number[];
  /** Width of a block's hidden layer, as a multiple of the stage's. */
  readonly mlpRatios: readonly number[];
  readonly decoderSize: number;
  readonly labels: number;
}

/** SegFormer-B5 with one class, in which DirectSAM draws boundaries. */
export const SEGFORMER_B5: SegformerConfiguration = {
  channels: 3,
  depths: [3, 6, 40, 3],
  hiddenSizes: [64, 128, 320, 512],
  heads: [1, 2, 5, 8],
  reductions: [8, 4, 2, 1],
  patchSizes: [7, 3, 3, 3],
  strides: [4, 2, 2, 2],
  mlpRatios: [4, 4, 4, 4],
  decoderSize: 768,
  labels: 1,
};
