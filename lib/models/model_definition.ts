/** The definition of a prototype model: its params and file format, what it sees, its training and how it is built. */

import { z } from "zod";
import type { Phase } from "../nn/optim/phases.ts";
import type { Stage } from "../vision/augment/views.ts";
import type { Backbone } from "./backbone.ts";
import type { FidelityOptions, Flaw } from "./fidelity.ts";
import type { ComparedFeatures } from "./prototypes/compared_features.ts";
import type { PrototypeModel } from "./prototypes/prototype_model.ts";

/**
 * The input of a model: `views` [N, V, C, H, W], `image` [N, C, H, W], or `pair`: an `image` that is augmented twice in
 * training, [2N, C, H, W] with the first augmentations of all images first.
 */
export type Sees = "views" | "image" | "pair";

/** The phases whose flaws a model has. */
type PhaseFlaws = Readonly<Record<Phase, readonly Flaw[]>>;

/** The training of a model in the study; params replace these values. */
export interface StudyDefaults {
  readonly batchSize: number;
  /** Micro-batches per optimiser step. */
  readonly accumulateBatches: number;
  readonly augmentation: readonly Stage[];
  /** The learning rates of the warm-up and of the fine-tune phase. */
  readonly warmUpRate: number;
  readonly fineTuneRate: number;
}

/** What a model is built from, besides its architecture. */
export interface BuiltFor {
  readonly backbone: Backbone;
  /** The number of classes. */
  readonly classes: number;
  /** Of a pruned model whose prototypes belong to classes: those that are left, in order, by their numbers before. */
  readonly keptPrototypes?: readonly number[];
}

/** A model; to be declared by {@link defineModel} and listed in `model_list.ts`. */
export interface ModelDefinition<
  Name extends string = string,
  Architecture extends z.ZodRawShape = z.ZodRawShape,
  Coefs extends z.ZodRawShape = z.ZodRawShape,
  Rates extends z.ZodRawShape = z.ZodRawShape,
  Flaws extends PhaseFlaws = PhaseFlaws,
> {
  readonly name: Name;
  /** For a sentence that begins with "a model that …". */
  readonly about: string;
  readonly sees: Sees;
  /** How its prototypes are compared with what it sees, for explanations. */
  readonly compared: ComparedFeatures;
  /** Its sizes: params of the warm-up, and fields of `model.json`. */
  readonly architecture: Architecture;
  /** The weights of its loss terms and other numbers of its loss. */
  readonly coefs: Coefs;
  /** The initial learning rates of the joint phase, by the names that its parameter groups refer to. */
  readonly rates: Rates;
  readonly study: StudyDefaults;
  /** The flaws of the reference that concern its loss, parameters and statistics in each phase. */
  readonly flaws: Flaws;
  /** The phase whose checkpoint is evaluated. */
  readonly evaluated: Phase;
  /** @param options coefs that are not given have their defaults; flaws that are not given use `reference` */
  build(
    config: BuiltFor & z.output<z.ZodObject<Architecture>>,
    options: {
      readonly coefs?: z.output<z.ZodObject<Coefs>>;
      readonly fidelity?: Partial<FidelityOptions<Flaws[Phase][number]>>;
    },
  ): PrototypeModel;
}

/** Declares a model; infers the types of its functions from its params. */
export function defineModel<
  const Name extends string,
  Architecture extends z.ZodRawShape,
  Coefs extends z.ZodRawShape,
  Rates extends z.ZodRawShape,
  const Flaws extends PhaseFlaws,
>(
  definition: ModelDefinition<Name, Architecture, Coefs, Rates, Flaws>,
): ModelDefinition<Name, Architecture, Coefs, Rates, Flaws> {
  return definition;
}

/** A learning rate. */
export function learningRate(study: number) {
  return z.number().positive().default(study);
}
