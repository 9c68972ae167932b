/** The known flaws of the reference implementation's metrics. */

import { defineFlaws } from "../fidelity.ts";

/** For each flaw, what the reference does, by the name of that setting. */
export const METRIC_FLAWS = defineFlaws({
  averaging: {
    about: "`batches`: the mean of the batches' means, so that an image of a smaller last batch weighs more",
    settings: ["batches", "images"],
  },
  sparse: {
    about:
      "`all`: where the percentile is 0, as for maps with few positive pixels, the mask is the whole map",
    settings: ["all", "positive"],
  },
  filledBox: {
    about: "`exclusive`: a filled box lacks its last row and column",
    settings: ["exclusive", "inclusive"],
  },
  peak: {
    about:
      "`height`: the row and column of a peak come from dividing by the map's height, wrong where it is not square",
    settings: ["height", "width"],
  },
  boxIntersection: {
    about: "`signed`: two boxes that lie apart in both directions have an intersection above 0",
    settings: ["signed", "clamped"],
  },
  consistencyMap: {
    about:
      "`truncate`: a part counts by its id times the relevance truncated to an integer, and unused slots read a pixel",
    settings: ["truncate", "mask"],
  },
  unusedParts: {
    about: "`bottom_right`: the slots of parts that an image lacks read the bottom-right pixel of its masks",
    settings: ["bottom_right", "ignored"],
  },
  ratioClamp: {
    about: "`none`: a mean relevance inside the object next to 0 (or below) divides as it is, not as 1e-8",
    settings: ["none", "inside"],
  },
  perturbedMasks: {
    about:
      "`batch`: maps after a perturbation share one percentile, or one minimum and maximum, with their batch",
    settings: ["batch", "map"],
  },
  presence: {
    about: "`raw`: ProtoPool counts prototypes by its raw presence logits, so that nearly all count",
    settings: ["raw", "softmax"],
  },
  unlabelledImages: {
    about:
      "`spoil`: one image without labels makes the divisor of every image's labels 1 too large in the mean logits",
    settings: ["spoil", "left_out"],
  },
  singleLabelLogits: {
    about: "`rows`: the mean logits of single labels are those of the rows (images) numbered by the labels",
    settings: ["rows", "classes"],
  },
});

/** A setting for each flaw of the metrics. */
export type MetricFidelity = ReturnType<typeof METRIC_FLAWS.preset>;
