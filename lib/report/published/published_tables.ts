/**
 * Tables I and II of the paper (Meinert, Schlinge, Strodthoff, Atzmueller: ProtoMask: Segmentation-Guided
 * Prototype Learning, arXiv:2510.00683v1, 2025), a line for each model and data set, by the name of its
 * workflow. A cell is written as it is printed, `"85.10 ± 0.25"`, mean and sample standard deviation over
 * runs; `NONE` where the paper has no figure. Cells that are `OPEN` have not been transcribed: replace them by
 * the figure of the paper, and reports compare with it.
 */

/** The paper has no figure: PIP-Net has no prototype vectors, and only CUB-200-2011 has object masks and parts. */
const NONE = "–";
/** The figure of the paper has not been transcribed. */
const OPEN = "?";

const OPEN_6 = [OPEN, OPEN, OPEN, OPEN, OPEN, OPEN] as const;
const OPEN_CUB = [OPEN, OPEN, OPEN, OPEN, OPEN, OPEN, OPEN] as const;
const OPEN_DISTANCES = [OPEN, OPEN, OPEN, NONE, NONE, NONE, NONE] as const;
const OPEN_PIPNET_CUB = [OPEN, NONE, NONE, OPEN, OPEN, OPEN, OPEN] as const;
const OPEN_PIPNET = [OPEN, NONE, NONE, NONE, NONE, NONE, NONE] as const;

// deno-fmt-ignore
export const TABLE_I = {
  // Accuracy, top-3 Accuracy, F1 score, Global Size, Sparsity, NPR
  "cub200-sam2":         OPEN_6,
  "cub200-slit":         OPEN_6,
  "cub200-pipnet":       OPEN_6,
  "cub200-pipnet-nc":    OPEN_6,
  "cub200-protopnet":    OPEN_6,
  "cub200-protopnet-nc": OPEN_6,
  "cub200-protopool":    OPEN_6,
  "cub200-protopool-nc": OPEN_6,
  "dogs-sam2":           OPEN_6,
  "dogs-slit":           OPEN_6,
  "dogs-pipnet":         OPEN_6,
  "dogs-pipnet-nc":      OPEN_6,
  "dogs-protopnet":      OPEN_6,
  "dogs-protopnet-nc":   OPEN_6,
  "dogs-protopool":      OPEN_6,
  "dogs-protopool-nc":   OPEN_6,
  "cars-sam2":           OPEN_6,
  "cars-slit":           OPEN_6,
  "cars-pipnet":         OPEN_6,
  "cars-pipnet-nc":      OPEN_6,
  "cars-protopnet":      OPEN_6,
  "cars-protopnet-nc":   OPEN_6,
  "cars-protopool":      OPEN_6,
  "cars-protopool-nc":   OPEN_6,
} as const;

// deno-fmt-ignore
export const TABLE_II = {
  // VLC, Intra PD, Inter PD, Object Overlap, Background Overlap, IOR, Consistency
  "cub200-sam2":         OPEN_CUB,
  "cub200-slit":         OPEN_CUB,
  "cub200-pipnet":       OPEN_PIPNET_CUB,
  "cub200-pipnet-nc":    OPEN_PIPNET_CUB,
  "cub200-protopnet":    OPEN_CUB,
  "cub200-protopnet-nc": OPEN_CUB,
  "cub200-protopool":    OPEN_CUB,
  "cub200-protopool-nc": OPEN_CUB,
  "dogs-sam2":           OPEN_DISTANCES,
  "dogs-slit":           OPEN_DISTANCES,
  "dogs-pipnet":         OPEN_PIPNET,
  "dogs-pipnet-nc":      OPEN_PIPNET,
  "dogs-protopnet":      OPEN_DISTANCES,
  "dogs-protopnet-nc":   OPEN_DISTANCES,
  "dogs-protopool":      OPEN_DISTANCES,
  "dogs-protopool-nc":   OPEN_DISTANCES,
  "cars-sam2":           OPEN_DISTANCES,
  "cars-slit":           OPEN_DISTANCES,
  "cars-pipnet":         OPEN_PIPNET,
  "cars-pipnet-nc":      OPEN_PIPNET,
  "cars-protopnet":      OPEN_DISTANCES,
  "cars-protopnet-nc":   OPEN_DISTANCES,
  "cars-protopool":      OPEN_DISTANCES,
  "cars-protopool-nc":   OPEN_DISTANCES,
} as const;
