/** The known flaws of the published models and of their training. */

import { defineFlaws, type Fidelity } from "../fidelity.ts";

/** For each flaw, what the reference does and what was intended. */
export const MODEL_FLAWS = defineFlaws({
  diversity_gradient: {
    about: "ProtoMask's diversity term is a constant in the loss; meant: it has a gradient",
  },
  add_on_training: { about: "ProtoMask's 1×1 convolution keeps its random values; meant: it is trained" },
  frozen_statistics: {
    about: "batch norms of frozen layers use and move batch statistics; meant: they stay as they are",
  },
  left_over_gradients: {
    about:
      "gradients of an epoch's last micro-batches wait for the next epoch; meant: they are applied at its end",
  },
  sanity_check: {
    about:
      "the accuracy before training is the bar for the first checkpoint; meant: the first validation is kept",
  },
  affine_border: { about: "augmentation fills a moved view from its opposite side; meant: by mirroring" },
  pairwise_similarity: {
    about:
      "relevance of ProtoMask's similarity goes to channels by all pairs of them; meant: by each with its own",
  },
  evaluation_noise: { about: "ProtoPool predicts with random noise; meant: without" },
  exponent_training: { about: "PIP-Net's exponent of the logits is trained; meant: it stays 2" },
  projection: {
    about: "prototypes come from the last batch with their class; meant: from the whole training set",
  },
});

/** The name of a known flaw of the published models. */
export type Flaw = typeof MODEL_FLAWS.names[number];

/** The choice for each of some flaws. */
export type FidelityOptions<F extends Flaw> = Readonly<Record<F, Fidelity>>;
