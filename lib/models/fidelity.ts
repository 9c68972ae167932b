/** The known flaws of the published models and of their training. */

import { defineFlaws, type Fidelity } from "../fidelity.ts";

/** The flaws; each description has the reference's behaviour and the intended one. */
export const MODEL_FLAWS = defineFlaws({
  diversity_gradient: {
    about: "ProtoMask's diversity term is a constant in the loss; meant: it has a gradient",
  },
  add_on_training: {
    about: "ProtoMask's 1×1 convolution keeps its random initial values; meant: it is trained",
  },
  frozen_statistics: {
    about:
      "batch norms of frozen layers use batch statistics and update the running ones; meant: they are unchanged",
  },
  left_over_gradients: {
    about:
      "gradients of an epoch's last micro-batches are carried over to the next epoch; meant: they are applied at the end of the epoch",
  },
  sanity_check: {
    about:
      "the first checkpoint must exceed the accuracy before training; meant: the first validated weights are saved",
  },
  affine_border: {
    about: "augmentation fills the border of a shifted view from the opposite side; meant: by mirroring",
  },
  pairwise_similarity: {
    about:
      "relevance of ProtoMask's similarity is distributed by all pairs of channels; meant: by corresponding channels",
  },
  evaluation_noise: { about: "ProtoPool's predictions contain random noise; meant: no noise" },
  exponent_training: { about: "PIP-Net's exponent of the logits is trained; meant: it stays 2" },
  projection: {
    about: "prototypes are projected on the last batch with their class; meant: on the whole training set",
  },
  pruned_order: {
    about:
      "pruning leaves prototypes in the order of a Python set of their numbers; meant: in ascending order",
  },
});

/** The name of a known flaw of the published models. */
export type Flaw = typeof MODEL_FLAWS.names[number];

/** The choice for each of some flaws. */
export type FidelityOptions<F extends Flaw> = Readonly<Record<F, Fidelity>>;
