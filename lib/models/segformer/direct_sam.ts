/** The sizes of DirectSAM (Chen et al. 2024): a SegFormer-B5 with one label, boundary. A checkpoint's own file counts where it is read. */

import type { SegformerConfiguration } from "./configuration.ts";

/** The configuration of its network. */
export const DIRECT_SAM: SegformerConfiguration = {
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
/** The sides of its images, in pixels. */
export const DIRECT_SAM_SIDE = 1800;
