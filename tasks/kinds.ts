/** The kinds of this project by name. To add a kind, add its file to this folder and a line to `kinds`. */
import type { KindRegistry } from "../lib/flow/kind.ts";

/** The kinds by name, each imported when first needed. */
export const kinds = {
  command: () => import("./command.ts"),
  "crop-views": () => import("./crop_views.ts"),
  dataset: () => import("./dataset.ts"),
  download: () => import("./download.ts"),
  embed: () => import("./embed.ts"),
  evaluate: () => import("./evaluate.ts"),
  "fine-tune": () => import("./fine_tune.ts"),
  joint: () => import("./joint.ts"),
  "mask-statistics": () => import("./mask_statistics.ts"),
  project: () => import("./project.ts"),
  "prototype-images": () => import("./prototype_images.ts"),
  prp: () => import("./prp.ts"),
  report: () => import("./report.ts"),
  segment: () => import("./segment.ts"),
  tune: () => import("./tune.ts"),
  "warm-up": () => import("./warm_up.ts"),
};

/** The kinds and their folder, for the engine. */
export const registry: KindRegistry = { folder: new URL("./", import.meta.url), kinds };
