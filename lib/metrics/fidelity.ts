/** The flaws of the reference implementation's metrics, each an option by name, and the two presets. */

import { z } from "zod";

/** The options. For each, the first value reproduces the published code and the second does what the paper describes. */
export interface MetricFidelity {
  /** `batches`: the mean of the batches' means, so that an image of a smaller last batch weighs more. */
  readonly averaging: "batches" | "images";
  /** `all`: where the percentile is 0, as for maps with few positive pixels, the mask is the whole map. */
  readonly sparse: "all" | "positive";
  /** `exclusive`: a filled box lacks its last row and column. */
  readonly filledBox: "exclusive" | "inclusive";
  /** `height`: the row and column of a peak come from dividing by the map's height, wrong where it is not square. */
  readonly peak: "height" | "width";
  /** `signed`: two boxes that lie apart in both directions have an intersection above 0. */
  readonly boxIntersection: "signed" | "clamped";
  /** `truncate`: a part counts by its id times the relevance truncated to an integer, and unused slots read a pixel. */
  readonly consistencyMap: "truncate" | "mask";
  /** `bottom_right`: the slots of parts that an image lacks read the bottom-right pixel of its masks. */
  readonly unusedParts: "bottom_right" | "ignored";
  /** `none`: a mean relevance inside the object next to 0 (or below) divides as it is, not as 1e-8. */
  readonly ratioClamp: "none" | "inside";
  /** `batch`: maps after a perturbation share one percentile, or one minimum and maximum, with their batch. */
  readonly perturbedMasks: "batch" | "map";
  /** `raw`: ProtoPool counts prototypes by its raw presence logits, so that nearly all count. */
  readonly presence: "raw" | "softmax";
  /** `spoil`: one image without labels makes the divisor of every image's labels 1 too large in the mean logits. */
  readonly unlabelledImages: "spoil" | "left_out";
  /** `rows`: the mean logits of single labels are those of the rows (images) numbered by the labels. */
  readonly singleLabelLogits: "rows" | "classes";
}

export type FidelityPreset = "reference" | "intended";

export const METRIC_FIDELITY: Readonly<Record<FidelityPreset, MetricFidelity>> = {
  reference: {
    averaging: "batches",
    sparse: "all",
    filledBox: "exclusive",
    peak: "height",
    boxIntersection: "signed",
    consistencyMap: "truncate",
    unusedParts: "bottom_right",
    ratioClamp: "none",
    perturbedMasks: "batch",
    presence: "raw",
    unlabelledImages: "spoil",
    singleLabelLogits: "rows",
  },
  intended: {
    averaging: "images",
    sparse: "positive",
    filledBox: "inclusive",
    peak: "width",
    boxIntersection: "clamped",
    consistencyMap: "mask",
    unusedParts: "ignored",
    ratioClamp: "inside",
    perturbedMasks: "map",
    presence: "softmax",
    unlabelledImages: "left_out",
    singleLabelLogits: "classes",
  },
};

/**
 * The param of a kind on which `flaws` bear: a preset's name, or an object with the preset for single flaws; those it
 * leaves out are `reference`.
 */
export function metricFidelityParam<Flaw extends keyof MetricFidelity>(flaws: readonly Flaw[]) {
  const choice = z.enum(["reference", "intended"]);
  const single = z.strictObject(
    Object.fromEntries(flaws.map((flaw) => [flaw, choice.default("reference")])) as Record<
      Flaw,
      z.ZodDefault<typeof choice>
    >,
  );
  return z.union([choice, single]).default("reference").transform((given): MetricFidelity => {
    if (typeof given === "string") return METRIC_FIDELITY[given];
    const chosen = Object.entries(given as Record<Flaw, FidelityPreset>) as [Flaw, FidelityPreset][];
    const single = Object.fromEntries(chosen.map(([flaw, preset]) => [flaw, METRIC_FIDELITY[preset][flaw]]));
    return { ...METRIC_FIDELITY.reference, ...single };
  });
}
