/** The known flaws of the reference implementation's metrics. */

import { defineFlaws } from "../fidelity.ts";

/** The flaws; each description starts with the name of the reference's setting. */
export const METRIC_FLAWS = defineFlaws({
  averaging: {
    about: "`batches`: the mean of the batch means, so images of a smaller last batch weigh more",
    settings: ["batches", "images"],
  },
  sparse: {
    about: "`all`: if the percentile is 0, as in maps with few positive pixels, the mask is the whole map",
    settings: ["all", "positive"],
  },
  boxes: {
    about:
      "`single_views`: VLC, Consistency and Stability compare boxes for models that see one view of an image, and masks for the others, so rows of the two are not comparable; meant: masks for all",
    settings: ["single_views", "none"],
  },
  partIds: {
    about:
      "`by_position`: if a crop removes a part, the k-th remaining part gets the k-th id of the image's list; meant: each part keeps its id",
    settings: ["by_position", "own"],
  },
  filledBox: {
    about: "`exclusive`: a filled box lacks its last row and column",
    settings: ["exclusive", "inclusive"],
  },
  peak: {
    about:
      "`height`: the row and column of a peak come from dividing by the map's height, which is wrong for maps that are not square",
    settings: ["height", "width"],
  },
  boxIntersection: {
    about: "`signed`: two boxes that are disjoint in both directions have an intersection above 0",
    settings: ["signed", "clamped"],
  },
  consistencyMap: {
    about:
      "`truncate`: a part's hit is its id times the relevance, truncated to an integer; unused slots read a pixel",
    settings: ["truncate", "mask"],
  },
  unusedParts: {
    about: "`bottom_right`: the slots of missing parts read the bottom-right pixel of the image's masks",
    settings: ["bottom_right", "ignored"],
  },
  ratioClamp: {
    about: "`none`: a divisor (the mean relevance inside the object) below 1e-8 is used unclamped",
    settings: ["none", "inside"],
  },
  changedImages: {
    about:
      "`single_views`: in continuity, models that see several views of an image get the unchanged ones twice, so nothing changes; meant: all models get the changed image",
    settings: ["single_views", "all"],
  },
  perturbedMasks: {
    about: "`batch`: all perturbed maps of a batch share one percentile, or one minimum and maximum",
    settings: ["batch", "map"],
  },
  presence: {
    about:
      "`raw`: ProtoPool's prototypes are counted by their raw presence logits, so nearly all are counted",
    settings: ["raw", "softmax"],
  },
});

/** A setting for each flaw of the metrics. */
export type MetricFidelity = ReturnType<typeof METRIC_FLAWS.preset>;
