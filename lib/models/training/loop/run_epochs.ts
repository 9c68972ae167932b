/** Runs epochs of one phase: training, validation and selection of the phase's checkpoint. */

import { isCleared } from "../../../nn/optim/accumulation.ts";
import type { Optimiser } from "../../../nn/optim/optimiser.ts";
import type { Phase } from "../../../nn/optim/phases.ts";
import { Room } from "../../../runtime/room.ts";
import type { SessionOptions } from "../../../runtime/session_options.ts";
import type { FidelityOptions } from "../../fidelity.ts";
import type { PrototypeModel } from "../../prototypes/prototype_model.ts";
import { NotFiniteError } from "../../../nn/finite.ts";
import type { Parameters } from "../../../nn/parameters.ts";
import { type Batches, trainEpoch } from "./epoch.ts";
import {
  type CheckedEpoch,
  nameOfEpoch,
  requireChange,
  requireFiniteMeans,
  requireFiniteState,
  requireStep,
} from "./epoch_checks.ts";
import type { EpochRecord, Means } from "../state/epoch_record.ts";
import { Validation } from "./validation.ts";
import { optimiserGroups, PhaseTraining } from "../step/phase_training.ts";
import type { LevelBatch, TrainingBatch } from "../step/training_batch.ts";
import type { TrainingState } from "../state/training_state.ts";

/** The flaws of the reference that affect the training loop. */
export const TRAINING_FLAWS = ["left_over_gradients", "sanity_check"] as const;

/** The number of batches that the reference validates before training. */
export const SANITY_BATCHES = 2;

export interface EpochsOptions extends SessionOptions {
  readonly model: PrototypeModel;
  readonly phase: Phase;
  /** The number of epochs to run. */
  readonly epochs: number;
  /**
   * The learning rates by group in an epoch, counted from 0 within the phase.
   *
   * @param earlier the phase's epochs before it
   */
  rates(epoch: number, earlier: readonly EpochRecord[]): Readonly<Record<string, number>>;
  /** The update rule of all groups; default: Adam */
  readonly optimiser?: Optimiser;
  /** Micro-batches per step. */
  readonly accumulate: number;
  /** An epoch e, counted from 0 over all phases, is validated if e + 1 is a multiple of this. */
  readonly validateEvery: number;
  readonly fidelity: FidelityOptions<typeof TRAINING_FLAWS[number]>;
  /** The batches of an epoch, counted from 0 over all phases. */
  train(epoch: number): Batches<TrainingBatch | LevelBatch>;
  /**
   * The memory for the intermediate values of all programs; by default there is enough. Where it is little, values are
   * computed again and one program is held at a time; the result does not depend on it.
   */
  readonly room?: Room;
  /** The held-out batches in an epoch, counted likewise; if absent, the last weights are the checkpoint. */
  validation?(epoch: number): Batches;
  onBatch?(epoch: number, images: number, means: Means): void;
  onEpoch?(record: EpochRecord): void;
}

/**
 * Returns the state after `epochs` more epochs of the phase. The result is bit-identical however a training
 * is split into runs.
 *
 * @throws {NotFiniteError} naming phase, epoch and tensor, if a value of the state is not finite.
 * @throws {NothingLearntError} if an epoch took no step, or the phase's first epoch did not change a rate
 * group.
 */
export async function runEpochs(state: TrainingState, options: EpochsOptions): Promise<TrainingState> {
  const { model, phase, fidelity, accumulate, optimiser, validateEvery } = options;
  const { device, runtime, threads, forms, room = new Room() } = options;
  const session = { device, runtime, threads, forms };
  const training = new PhaseTraining(state, { model, phase, accumulate, optimiser, room, ...session });
  const validation = new Validation(model, phase, session, room);
  let { bar, best, epochs } = training.begun;
  const history = [...state.history];
  /** Saves the weights as checkpoint if they are better than all before them. */
  const judge = ({ accuracy }: Means, weights: Parameters) => {
    const better = accuracy > bar;
    if (better) [bar, best] = [accuracy, weights];
    return better;
  };
  try {
    if (epochs === 0 && options.epochs > 0 && options.validation && fidelity.sanity_check === "reference") {
      const weights = await training.model();
      const run = () => validation.run(weights, options.validation!(epochs), SANITY_BATCHES);
      judge(await inEpoch({ phase, epoch: epochs }, run), weights);
    }
    const earlier = history.filter((record) => record.phase === phase);
    const first = earlier.length;
    for (let i = 0; i < options.epochs; i++, epochs++) {
      const at: CheckedEpoch = { phase, epoch: epochs, rates: options.rates(first + i, earlier) };
      const { train, weights } = await checkedEpoch(training, options, at, first + i === 0);
      let record: EpochRecord = { epoch: epochs, phase, rates: at.rates, train, saved: false };
      if (options.validation && isCleared(epochs, validateEvery)) {
        await training.clearGradients();
        const means = await inEpoch(at, () => validation.run(weights, options.validation!(at.epoch)));
        requireFiniteMeans(means, "validation", at);
        record = { ...record, validation: means, saved: judge(means, weights) };
      } else if (i === options.epochs - 1) {
        // Weights can be finite but too large for the forward pass; the state must not be passed on.
        const batches = options.validation?.(epochs) ?? options.train(epochs);
        await inEpoch(at, () => validation.run(weights, batches, 1));
      }
      history.push(record);
      earlier.push(record);
      options.onEpoch?.(record);
    }
    return { ...await training.state(), epochs, bar, best, history };
  } finally {
    await training.release();
    await validation.release();
  }
}

/** Runs one epoch and its checks. */
async function checkedEpoch(
  training: PhaseTraining,
  { model, phase, accumulate, optimiser, fidelity, train, onBatch }: EpochsOptions,
  at: CheckedEpoch,
  isFirst: boolean,
): Promise<{ readonly train: Means; readonly weights: Parameters }> {
  const before = training.steps;
  const { batches, means } = await inEpoch(at, () =>
    trainEpoch(training, train(at.epoch), {
      rates: at.rates,
      accumulate,
      leftOverGradients: fidelity.left_over_gradients,
      onBatch: (images, means) => onBatch?.(at.epoch, images, means),
    }));
  requireStep(training.steps - before, { batches, accumulate }, at);
  requireFiniteMeans(means, "training", at);
  const state = await training.state();
  requireFiniteState(state, at);
  if (isFirst) requireChange(training.begun.model, state, optimiserGroups(model, phase, optimiser), at);
  return { train: means, weights: state.model };
}

/** Calls `run`; adds the epoch's name to an error about a value that is not finite. */
async function inEpoch<T>(at: Pick<CheckedEpoch, "phase" | "epoch">, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    if (!(cause instanceof NotFiniteError)) throw cause;
    throw new NotFiniteError(`${nameOfEpoch(at)}: ${cause.message}`, { cause });
  }
}
