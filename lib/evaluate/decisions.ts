/** Why a model chose a class: what each prototype adds to the logit of that class, and to the logit of another. */

import type { ViewedSample } from "../data/views/views_file.ts";
import { classWeights } from "../explain/classification.ts";
import type { ExplainedModel } from "../explain/explained_model.ts";
import { rowsInOrder } from "../explain/image_saliency.ts";
import type { ImageSaliency } from "../explain/saliency_files.ts";
import { topIndices } from "../metrics/selection.ts";
import type { HostTensor } from "../tensor/host_tensor.ts";
import type { EvaluatedSample } from "./evaluation_file.ts";

/** What decided the class of an image, as it is kept in an evaluation. */
export type Decision = NonNullable<EvaluatedSample["decision"]>;

/** The number of prototypes that are listed; the others are summed up. */
const LISTED = 6;

/** Contributions add up to logits up to rounding in float32, as a share of the logit. */
const ROUNDING = 1e-4;

/** What a model computes of an image before its last layer, and after. */
export type ScoredImage = Pick<ImageSaliency, "logits" | "scores" | "places" | "grid">;

export interface DecisionOptions {
  readonly explained: ExplainedModel;
  /** The seed of the explanations, from which noise in logits is derived. */
  readonly seed: number;
  /** Whether logits contain noise, of a model that has any. */
  readonly hasNoise: boolean;
}

/** Splits the logits of images into contributions of prototypes. */
export class Decisions {
  readonly #options: DecisionOptions;
  /** Of a model without noise: the same for all images. */
  readonly #weights: HostTensor<"float32"> | undefined;
  #mistake: string | undefined;

  constructor(options: DecisionOptions) {
    this.#options = options;
    this.#weights = options.hasNoise ? undefined : classWeights(options);
  }

  /** Why decisions are missing: a model of another form than scores times weights. */
  get omitted(): string | undefined {
    return this.#mistake;
  }

  /**
   * The predicted class against the image's own if the prediction is wrong, else against the second; undefined where there
   * is one class, or where contributions do not add up to the logits.
   */
  of(sample: ViewedSample, { logits, scores, places, grid }: ScoredImage): Decision | undefined {
    if (logits.data.length < 2 || this.#mistake !== undefined) return undefined;
    const [first, second] = topIndices(logits.data, 2);
    const against = first === sample.label ? second : sample.label;
    const classes = [first, against];
    const weights = this.#weightsOf(sample.id);
    const count = scores.data.length;
    const weightsOf = (prototype: number) => classes.map((label) => weights.data[label * count + prototype]);
    const difference = Float64Array.from(scores.data, (score, prototype) => {
      const [own, other] = weightsOf(prototype);
      return Math.abs(score * (own - other));
    });
    const listed = topIndices(difference, Math.min(LISTED, count));
    const shown = new Set(listed);
    const rest = classes.map((label) => {
      let sum = 0;
      for (let prototype = 0; prototype < count; prototype++) {
        if (!shown.has(prototype)) sum += scores.data[prototype] * weights.data[label * count + prototype];
      }
      return sum;
    });
    const decision = {
      against,
      logits: pair(classes.map((label) => logits.data[label])),
      prototypes: listed.map((prototype) => ({
        prototype,
        score: scores.data[prototype],
        ...placeOf(sample, places[prototype], grid, this.#options.explained),
        weights: pair(weightsOf(prototype)),
      })),
      rest: pair(rest),
    };
    this.#mistake = mistakeIn(decision);
    return this.#mistake === undefined ? decision : undefined;
  }

  #weightsOf(index: number): HostTensor<"float32"> {
    const { explained, seed } = this.#options;
    return this.#weights ??
      classWeights({ explained, place: { seed, purpose: "explanation", epoch: 0, index } });
  }
}

/** The contributions of a decision to one of its two logits: those of the listed prototypes, and that of the rest. */
export function contributions({ prototypes, rest }: Pick<Decision, "prototypes" | "rest">, which: 0 | 1) {
  const listed = prototypes.map(({ score, weights }) => score * weights[which]);
  return { listed, sum: listed.reduce((a, b) => a + b, rest[which]) };
}

function mistakeIn(decision: Decision): string | undefined {
  for (const which of [0, 1] as const) {
    const logit = decision.logits[which];
    const { sum } = contributions(decision, which);
    if (Math.abs(sum - logit) > ROUNDING * Math.max(1, Math.abs(logit))) {
      return `scores times weights add up to ${sum}, but the logit is ${logit}: the model makes its logits in another way`;
    }
  }
}

/** The view, and the cell of its feature map for models that compare positions. */
function placeOf(
  { views }: ViewedSample,
  place: number,
  [rows, columns]: ScoredImage["grid"],
  { definition: { sees } }: ExplainedModel,
): Pick<Decision["prototypes"][number], "view" | "cell"> {
  if (sees === "views") return { view: views.indexOf(rowsInOrder({ views })[place]) };
  return { view: 0, cell: [Math.floor(place / columns), place % columns, rows, columns] };
}

function pair([first, second]: readonly number[]): [number, number] {
  return [first, second];
}
