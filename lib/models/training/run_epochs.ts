/** Epochs of one phase: training, validation and the choice of the phase's checkpoint. */

import { isCleared } from "../../nn/optim/accumulation.ts";
import type { Phase } from "../../nn/optim/phases.ts";
import type { SessionOptions } from "../../runtime/session_options.ts";
import type { FidelityOptions } from "../fidelity.ts";
import type { PrototypeModel } from "../prototypes/prototype_model.ts";
import { type Batches, trainEpoch } from "./epoch.ts";
import type { EpochRecord, Means } from "./epoch_record.ts";
import { Validation } from "./evaluation.ts";
import { PhaseTraining } from "./phase_training.ts";
import type { TrainingState } from "./training_state.ts";

/** The flaws of the reference that bear on the course of a training. */
export const TRAINING_FLAWS = ["left_over_gradients", "sanity_check"] as const;

/** Batches that the reference validates before any training. */
export const SANITY_BATCHES = 2;

export interface RunOptions extends SessionOptions {
  readonly model: PrototypeModel;
  readonly phase: Phase;
  /** How many to do. */
  readonly epochs: number;
  /** Learning rates by group in an epoch, counted from 0 within the phase. */
  rates(epoch: number): Readonly<Record<string, number>>;
  /** Micro-batches of a step. */
  readonly accumulate: number;
  /** An epoch e, counted from 0 over all phases, is validated where e + 1 is a multiple of this. */
  readonly validateEvery: number;
  readonly fidelity: FidelityOptions<typeof TRAINING_FLAWS[number]>;
  /** The batches of an epoch, counted from 0 over all phases. */
  train(epoch: number): Batches;
  /** Absent where nothing is held out: then the last weights are the checkpoint. */
  validation?(): Batches;
  onBatch?(epoch: number, images: number, means: Means): void;
  onEpoch?(record: EpochRecord): void;
}

/**
 * The state after `epochs` more epochs of the phase. However a training is cut into such runs, the states are equal bit
 * by bit.
 */
export async function runEpochs(state: TrainingState, options: RunOptions): Promise<TrainingState> {
  const { model, phase, fidelity, accumulate, validateEvery, device, runtime, threads, forms } = options;
  const session = { device, runtime, threads, forms };
  const training = new PhaseTraining(state, { model, phase, accumulate, ...session });
  const validation = new Validation(model, phase, session);
  let { bar, best, epochs } = training.begun;
  const history = [...state.history];
  /** Keeps the weights if they are better than all before them. */
  const judge = async ({ accuracy }: Means) => {
    const better = accuracy > bar;
    if (better) [bar, best] = [accuracy, await training.model()];
    return better;
  };
  try {
    if (epochs === 0 && options.epochs > 0 && options.validation && fidelity.sanity_check === "reference") {
      await judge(await validation.run(await training.model(), options.validation(), SANITY_BATCHES));
    }
    const first = history.filter((record) => record.phase === phase).length;
    for (let i = 0; i < options.epochs; i++, epochs++) {
      const rates = options.rates(first + i);
      const epoch = epochs;
      const train = await trainEpoch(training, options.train(epoch), {
        rates,
        accumulate,
        leftOverGradients: fidelity.left_over_gradients,
        onBatch: (images, means) => options.onBatch?.(epoch, images, means),
      });
      let record: EpochRecord = { epoch, phase, rates, train, saved: false };
      if (options.validation && isCleared(epoch, validateEvery)) {
        await training.clearGradients();
        const means = await validation.run(await training.model(), options.validation());
        record = { ...record, validation: means, saved: await judge(means) };
      }
      history.push(record);
      options.onEpoch?.(record);
    }
    return { ...await training.state(), epochs, bar, best, history };
  } finally {
    await training.release();
    await validation.release();
  }
}
