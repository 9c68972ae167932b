/** The estimate of a training phase. */
import { defineDemand, type Estimate, type KindDemand } from "../../lib/flow/demand.ts";
import { heldBytes } from "../../lib/models/training/phase/phase_memory.ts";
import type { PhaseParams } from "../../lib/models/training/phase/phase_params.ts";
import { definitionOf } from "../../lib/models/models.ts";
import type { ModelDescription } from "../../lib/models/model_folder.ts";
import type { Phase } from "../../lib/nn/optim/phases.ts";
import { MOST_THREADS } from "../../lib/models/training/phase/view_batches.ts";
import { phaseCost } from "./model_cost.ts";
import { operationsOf, preparationOf } from "./operations.ts";
import {
  estimated,
  memoryMB,
  MODEL_SECONDS,
  type ModelSizes,
  readingSeconds,
  sizesOf,
  type ViewSizes,
} from "./sizes.ts";

/** The params of a phase that its cost depends on. */
export type TrainingParams = Partial<PhaseParams> & { readonly epochs: number };

/** What a phase trains with. */
interface TrainedOn {
  readonly views: ViewSizes;
  readonly validation?: ViewSizes;
}

/** The demand of a kind that goes on with a state: a whole GPU. */
export function trainingDemand(phase: "joint" | "fine_tune"): KindDemand<TrainingParams> {
  return defineDemand<TrainingParams>({
    gpu: 1,
    estimate(params, inputs) {
      const views = sizesOf<ViewSizes>(inputs, "views", "views");
      const state = sizesOf<ModelSizes>(inputs, "state", "description");
      if (views === undefined || state === undefined) return undefined;
      const validation = sizesOf<ViewSizes>(inputs, "validation", "views");
      return trainingCost(state.description, phase, params, { views, validation });
    },
  });
}

/** Reading and augmenting a view of 224 × 224 pixels, in seconds of one core. */
const SECONDS_A_VIEW = 0.0018;
/** To start the threads that do it, by code that is not yet compiled. */
const THREADS_SECONDS = 0.06;

/**
 * Epochs of micro-batches and steps, and validations. A state holds the model, its gradients and two moments, and each
 * segment keeps one beside the checkpoint.
 */
export function trainingCost(
  description: ModelDescription,
  phase: Phase,
  { epochs, batchSize, accumulateBatches, validateEvery = 10, segment = 10 }: TrainingParams,
  { views, validation }: TrainedOn,
): Estimate {
  const { study, sees } = definitionOf(description.model);
  const batch = Math.min(batchSize ?? study.batchSize, views.images);
  const cost = phaseCost(description, phase, batch);
  const batches = views.images / batch;
  const steps = Math.ceil(batches / (accumulateBatches ?? study.accumulateBatches));
  const validated = validation ? Math.floor(epochs / validateEvery) * validation.images / batch : 0;
  const kept = cost.model + 3 * cost.trained;
  if (epochs === 0) {
    const memory = { memoryMB: memoryMB(2 * kept, 0) };
    return estimated({ seconds: MODEL_SECONDS, bytes: kept + cost.model, ...memory }, { description });
  }
  const states = Math.ceil(epochs / segment);
  // Each segment of a chain is a process, with a session for each shape of batches.
  const shapes = (total: number) => total % batch === 0 ? 1 : 2;
  const nodes = shapes(views.images) * cost.gradient.nodes + cost.step.nodes +
    (validated > 0 ? shapes(validation!.images) * cost.validation.nodes : 0);
  const seenViews = sees === "pair" ? 2 : views.views;
  const batchSeconds = batch * seenViews * SECONDS_A_VIEW * views.width * views.height / 224 ** 2;
  const held = heldBytes({ ...cost, batch: 3 * batch * seenViews * views.width * views.height });
  // Programs of other batch shapes stay open where they are small.
  const others = Math.min(cost.gradient.bytes + cost.validation.bytes, 2 ** 30);
  return estimated({
    images: views.images * epochs,
    flop: epochs * (batches * cost.gradient.flop + steps * cost.step.flop) +
      validated * cost.validation.flop,
    operations: operationsOf(
      [cost.gradient, epochs * batches],
      [cost.step, epochs * steps],
      [cost.validation, validated],
    ),
    preparation: preparationOf(nodes, states),
    starts: states,
    // The first batch of an epoch is waited for.
    seconds: states * (MODEL_SECONDS + THREADS_SECONDS) + epochs * batchSeconds +
      (validated > 0 ? readingSeconds(validated * batch * validation!.views, validation!) : 0),
    inThreads: { seconds: epochs * (batches - 1) * batchSeconds, threads: MOST_THREADS },
    bytes: states * (kept + cost.model),
    memoryMB: Math.ceil((held + cost.gradient.bytes + others) / 2 ** 20),
    leastMB: Math.ceil((held + Math.max(cost.least, cost.validation.bytes)) / 2 ** 20),
  }, { description });
}
