/** Fidelity: which known flaws of the reference implementation a model and its training reproduce. */

import { z } from "zod";

/** `reference` agrees with the published code, `intended` with what its paper describes. */
export type Fidelity = "reference" | "intended";

/** For each flaw, what the reference does and what was intended. */
export const FLAWS = {
  diversity_gradient: "ProtoMask's diversity term is a constant in the loss; meant: it has a gradient",
  add_on_training: "ProtoMask's 1×1 convolution keeps its random values; meant: it is trained",
  frozen_statistics:
    "batch norms of frozen layers use and move batch statistics; meant: they stay as they are",
  left_over_gradients:
    "gradients of an epoch's last micro-batches wait for the next epoch; meant: they are applied at its end",
  sanity_check:
    "the accuracy before training is the bar for the first checkpoint; meant: the first validation is kept",
  affine_border: "augmentation fills a moved view from its opposite side; meant: by mirroring",
  pairwise_similarity:
    "relevance of ProtoMask's similarity goes to channels by all pairs of them; meant: by each with its own",
  evaluation_noise: "ProtoPool predicts with random noise; meant: without",
  exponent_training: "PIP-Net's exponent of the logits is trained; meant: it stays 2",
  projection: "prototypes come from the last batch with their class; meant: from the whole training set",
} as const;

/** The name of a known flaw of the published models. */
export type Flaw = keyof typeof FLAWS;

/** The choice for each of some flaws. */
export type FidelityOptions<F extends Flaw> = Readonly<Record<F, Fidelity>>;

/** One choice for all of `flaws`. */
export function fidelityPreset<F extends Flaw>(flaws: readonly F[], choice: Fidelity): FidelityOptions<F> {
  return Object.fromEntries(flaws.map((flaw) => [flaw, choice])) as FidelityOptions<F>;
}

/**
 * The param of a kind on which `flaws` bear: a preset's name, or an object with the choice for single flaws; those it
 * leaves out are `reference`.
 */
export function fidelityParam<F extends Flaw>(flaws: readonly F[]) {
  const choice = z.enum(["reference", "intended"]);
  const single = z.strictObject(
    Object.fromEntries(
      flaws.map((flaw) => [flaw, choice.default("reference").describe(FLAWS[flaw])]),
    ) as Record<F, z.ZodDefault<typeof choice>>,
  );
  return z.union([choice, single]).default("reference").transform((given): FidelityOptions<F> =>
    typeof given === "string" ? fidelityPreset(flaws, given) : given as FidelityOptions<F>
  );
}
