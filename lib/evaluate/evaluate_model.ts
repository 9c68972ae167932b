/** Evaluates a trained model on a split: the figures of both tables, and the data behind them. */

import { readViewsIndex, viewPixelsOf } from "../data/views/views_file.ts";
import { explainedModel, frameOf } from "../explain/explained_model.ts";
import { Explainer } from "../explain/explainer.ts";
import { compactness } from "../metrics/techniques/compactness.ts";
import { COMPLEXITY_METRICS } from "../metrics/techniques/complexity.ts";
import { GENERAL_METRICS } from "../metrics/techniques/general.ts";
import { WEIGHT_EPSILON } from "../metrics/compactness/class_layer.ts";
import { readModel } from "../models/model_folder.ts";
import { definitionOf } from "../models/models.ts";
import { requireViewsFor } from "../models/training/phase/initial_training.ts";
import { requireFinite } from "../nn/finite.ts";
import type { SessionOptions } from "../runtime/session_options.ts";
import { Annotations } from "./annotations.ts";
import { finiteFigures, type KeptAnswer, performance, sampleFacts } from "./answer_facts.ts";
import { Decisions } from "./decisions.ts";
import type { EvaluationFidelity } from "./evaluation_fidelity.ts";
import type { Evaluation } from "./evaluation_file.ts";
import { ExplanationFigures } from "./explanation_figures.ts";
import { changeFigures } from "./change_figures.ts";
import { computedAnswer, Explanations, scoredImage, similaritiesOf } from "./image_answers.ts";
import { PossibleRemovals } from "./possible_removals.ts";
import { prototypeFacts, prototypesOf } from "./prototype_facts.ts";
import { SimilarityFigures } from "./similarity_figures.ts";

/** The groups of figures that the study reports. */
export const STUDY_TECHNIQUES = [
  "general",
  "compactness",
  "contrastivity",
  "complexity",
  "part-removal",
] as const;

/** All groups of figures of an evaluation; the last two compute answers to changed images, which takes long. */
export const TECHNIQUES = [...STUDY_TECHNIQUES, "continuity", "output-completeness"] as const;

export type Technique = typeof TECHNIQUES[number];

/** The folders that an evaluation reads. */
export interface EvaluationInputs {
  readonly data: string;
  readonly views: string;
  readonly model: string;
  /** The saliency of images; figures of explanations leave out images without it. */
  readonly saliency?: string;
}

export interface EvaluationOptions {
  readonly techniques: readonly Technique[];
  /** Whether to compute only the figures of the paper's tables, or all of the requested groups; default: `tables` */
  readonly figures?: "tables" | "all";
  /** The number of top prototypes of an image. */
  readonly k: number;
  /** What stands for the object of an image; default: `masks` */
  readonly objects?: "masks" | "boxes";
  /** Images of a batch, for means over batches. */
  readonly batchSize: number;
  readonly fidelity: EvaluationFidelity;
  readonly session?: SessionOptions;
  readonly onImage?: (done: number, total: number) => void;
}

/**
 * Evaluates a model. A figure whose inputs are missing, or that is not finite, is left out; `omitted` has the reason.
 *
 * @throws {Error} if the inputs do not fit each other, or are invalid.
 */
export async function evaluateModel(
  inputs: EvaluationInputs,
  options: EvaluationOptions,
): Promise<Evaluation> {
  const opened = open(inputs, options);
  try {
    const { answers, explained } = await answerImages(opened, options);
    return evaluationOf(opened, options, answers, explained);
  } finally {
    opened.views.pixels.close();
    await opened.explainer.release();
  }
}

type Opened = ReturnType<typeof open>;

/** The model with the views that it is evaluated on, and the measurements of explanations. */
function open(inputs: EvaluationInputs, options: EvaluationOptions) {
  const { techniques, objects, batchSize, fidelity, session } = options;
  const loaded = readModel(inputs.model, { fidelity });
  const { description } = loaded;
  const { model: name, colors, classes } = description;
  const index = readViewsIndex(inputs.views);
  requireViewsFor(description, index, inputs.views);
  const explained = explainedModel(loaded);
  const frame = frameOf(explained.definition);
  const annotations = new Annotations(inputs.data, index, { frame, objects, fidelity });
  const explanations = inputs.saliency === undefined
    ? undefined
    : new Explanations(inputs.saliency, index, explained.definition);
  const rule = explanations?.rule ?? "percentile";
  const explainer = new Explainer(explained, {
    method: explanations?.method ?? "prp",
    seed: explanations?.seed,
    session,
  });
  const views = { index, pixels: viewPixelsOf(inputs.views, index), colors };
  const prototypes = prototypesOf(loaded, fidelity.presence);
  const boxes = frame === "view" && fidelity.boxes === "single_views";
  const changes = changeFigures({
    continuity: techniques.includes("continuity"),
    completeness: techniques.includes("output-completeness"),
    views,
    explainer,
    annotations,
    method: explanations?.method ?? "prp",
    relevance: explanations?.relevance ?? "reference",
    rule,
    boxes,
    batchSize,
    fidelity,
  });
  const common = { boxes, batchSize, fidelity, classes: classes.length };
  const figures = new ExplanationFigures({
    ...common,
    contrastivity: techniques.includes("contrastivity"),
    complexity: techniques.includes("complexity"),
    ...(options.figures === "all" && {
      complexityMetrics: COMPLEXITY_METRICS,
      similarities: new SimilarityFigures({
        ...common,
        compactness: techniques.includes("compactness"),
        contrastivity: techniques.includes("contrastivity"),
        saliency: rule,
        views,
        explainer,
      }),
    }),
    prototypes,
    rule,
    annotations,
    changes: changes.figures,
  });
  Object.assign(figures.omitted, changes.omitted);
  const decisions = new Decisions({
    explained,
    seed: explanations?.seed ?? 0,
    hasNoise: isNoisy(name) && fidelity.evaluation_noise === "reference",
  });
  const removals = techniques.includes("part-removal")
    ? new PossibleRemovals({ data: inputs.data, views, explainer, rule, sparse: fidelity.sparse })
    : undefined;
  return {
    classes,
    prototypes,
    boxes,
    isNoisy: isNoisy(name),
    views,
    explanations,
    explainer,
    figures,
    decisions,
    removals,
  };
}

/** The answers to all images. Those with maps are measured on the way, since maps are too large to keep. */
async function answerImages(
  { views, isNoisy, explanations, explainer, figures, decisions, removals }: Opened,
  { k, onImage }: EvaluationOptions,
): Promise<{ answers: KeptAnswer[]; explained: number }> {
  const { samples } = views.index;
  const answers: KeptAnswer[] = [];
  let explained = 0;
  for (const sample of samples) {
    const found = explanations?.answerTo(sample, k);
    const answer = found ?? await computedAnswer(explainer, sample, views, k);
    requireFinite([["logits", answer.logits]], `the answer to ${sample.name}`, "check the evaluated model");
    await figures.add(sample, answer);
    if (found) {
      explained++;
      await removals?.add(sample, found);
    }
    // Explanations may be made with another choice about noise, which changes nothing but logits.
    const scored = found && isNoisy ? scoredImage(await similaritiesOf(explainer, sample, views)) : answer;
    answers.push({ logits: scored.logits, top: answer.top, decision: decisions.of(sample, scored) });
    onImage?.(answers.length, samples.length);
  }
  return { answers, explained };
}

function evaluationOf(
  { classes, prototypes, boxes, views: { index }, explanations, figures, decisions, removals }: Opened,
  { techniques, figures: extent, k, batchSize, fidelity }: EvaluationOptions,
  answers: readonly KeptAnswer[],
  explained: number,
): Evaluation {
  const labels = index.samples.map(({ label }) => label);
  const general = techniques.includes("general")
    ? performance(answers, labels, extent === "all" ? GENERAL_METRICS : undefined)
    : undefined;
  const { results, omitted } = finiteFigures({
    ...general?.results,
    ...(techniques.includes("compactness") &&
      compactness(prototypes.lastLayer, WEIGHT_EPSILON, prototypes.isActive)),
    ...figures.results(),
  });
  const partRemoval = removals?.result();
  const consistency = figures.consistencyPerPrototype();
  return {
    split: index.split,
    ...(explanations && { method: explanations.method, regions: boxes ? "boxes" : "masks" }),
    k,
    batchSize,
    fidelity: { ...fidelity },
    classes: [...classes],
    results,
    omitted: {
      ...omitted,
      ...general?.omitted,
      ...figures.omitted,
      ...removals?.omitted,
      ...(decisions.omitted !== undefined && { decisions: decisions.omitted }),
    },
    explained,
    samples: sampleFacts(index.samples, answers, figures.values()),
    prototypes: prototypeFacts(prototypes, answers, consistency),
    ...(partRemoval && { partRemoval }),
  };
}

/** Whether the reference's predictions of the model contain noise. */
function isNoisy(model: string): boolean {
  const { flaws } = definitionOf(model);
  return Object.values(flaws).some((names) => names.includes("evaluation_noise"));
}
