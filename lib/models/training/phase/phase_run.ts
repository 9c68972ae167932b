/**
 * Runs a segment of a phase for a task: reads a state and views from folders and writes the new state to a
 * folder.
 */

import { mkdirSync } from "node:fs";
import { readViewsIndex, type ViewsIndex } from "../../../data/views/views_file.ts";
import type { Phase } from "../../../nn/optim/phases.ts";
import { Room, type ShortOfMemory } from "../../../runtime/room.ts";
import type { SessionOptions } from "../../../runtime/session_options.ts";
import { elementCount } from "../../../tensor/host_tensor.ts";
import { type FidelityOptions, type Flaw, MODEL_FLAWS } from "../../fidelity.ts";
import { type ModelDescription, modelOf, writeModel } from "../../model_folder.ts";
import { definitionOf } from "../../models.ts";
import type { EpochRecord } from "../state/epoch_record.ts";
import type { PrototypeModel } from "../../prototypes/prototype_model.ts";
import { gradientProgram, validationProgram } from "../step/batch_programs.ts";
import { stepsPerRun } from "../step/step_loop.ts";
import { requireEveryClass, requireViewsFor, ViewsMismatchError } from "./initial_training.ts";
import type { PhaseParams } from "./phase_params.ts";
import { modelBytes, valueBytes } from "./phase_memory.ts";
import { optimiserOf } from "./optimiser_param.ts";
import { type PhaseRates, ratesAt } from "./phase_rates.ts";
import { measuredIn, requireWatched } from "./schedule_param.ts";
import { runEpochs, TRAINING_FLAWS } from "../loop/run_epochs.ts";
import { writeEpochs, writeState } from "../state/state_files.ts";
import type { TrainingState } from "../state/training_state.ts";
import { recipeFor, seenShape, threadsFor, ViewSet } from "./view_batches.ts";

/** The flaws of training itself, which concern all models. */
export const LOOP_FLAWS = [...TRAINING_FLAWS, "affine_border"] as const;

/** A state of another model than the one that a phase is to train. */
export class ModelMismatchError extends Error {
  override readonly name = "ModelMismatchError";
}

/** The settings of a segment: its initial state, its training and its outputs. */
export interface PhaseRun {
  readonly phase: Phase;
  readonly start: { readonly state: TrainingState; readonly description: ModelDescription };
  /** The number of epochs to run. */
  readonly epochs: number;
  readonly params: PhaseParams;
  /** Choices for flaws; flaws that are not given use `reference`. */
  readonly fidelity: Partial<FidelityOptions<Flaw>>;
  readonly rates: PhaseRates;
  /** The folder of the training views. */
  readonly views: string;
  /** The folder of held-out views. */
  readonly validation?: string;
  /** The paths of the outputs. */
  readonly output: {
    /** The folder of the state. */
    readonly state: string;
    /** The folder of the chosen checkpoint. */
    readonly model: string;
    /** The log, one line of JSON per epoch so far. */
    readonly log: string;
  };
  readonly session: SessionOptions;
  /** The memory assigned to the task, in MiB: where it is little, values are computed again. By default it is enough. */
  readonly memoryMB?: number;
  /** @param images the number of images trained with since the start of the segment */
  onProgress(images: number, epoch: number, figures: Readonly<Record<string, number>>): void;
  onEpoch(record: EpochRecord): void;
  /** See {@link Room}. */
  onShort?(short: ShortOfMemory): void;
}

/**
 * Runs the epochs and writes the outputs. The checkpoint is the best of the phase by accuracy on the held-out
 * views. If there are none, or no epoch was better than the weights before it, the checkpoint is the current
 * weights.
 */
export async function runPhase(run: PhaseRun): Promise<void> {
  const { phase, params, output, start: { state, description } } = run;
  requireModel(run);
  requireWatched(run.rates.schedule, run.validation);
  const { sees, study } = definitionOf(description.model);
  const { seed, batchSize = study.batchSize, augmentation = study.augmentation } = params;
  const fidelity = { ...MODEL_FLAWS.preset("reference", LOOP_FLAWS as readonly Flaw[]), ...run.fidelity };
  const model = modelOf(description, { coefs: params.model.coefs, fidelity });
  requireViews(model, run, batchSize);
  const open = (folder: string, augmented: boolean) => {
    const threads = threadsFor(run.session, augmented);
    return new ViewSet(folder, { colors: description.colors, batchSize, sees, model, seed, threads });
  };
  const train = open(run.views, true);
  const validation = run.validation === undefined ? undefined : open(run.validation, false);
  const recipe = recipeFor(
    sees,
    augmentation,
    fidelity.affine_border === "reference" ? "wrap" : "reflect101",
  );
  const groups = model.groups(phase);
  const atOnce = Math.min(batchSize, train.index.samples.length);
  const accumulate = params.accumulateBatches ?? study.accumulateBatches;
  // Batches that wait for a run take a quarter of the memory.
  const takesLevels = stepsPerRun(run.session, accumulate) > 0;
  let finished = 0;
  try {
    const end = await runEpochs(state, {
      ...run.session,
      model,
      phase,
      epochs: run.epochs,
      optimiser: optimiserOf(params.optimiser),
      rates: (epoch, earlier) => ratesAt(groups, run.rates, epoch, measuredIn(earlier, run.rates.schedule)),
      accumulate,
      validateEvery: params.validateEvery,
      room: new Room(
        valueBytes(run.memoryMB, {
          ...modelBytes(model, phase),
          batch: elementCount(seenShape(sees, atOnce, { ...description, views: recipe.views })),
        }),
        run.onShort,
      ),
      fidelity,
      train: (epoch) => train.shuffled(epoch, recipe, takesLevels),
      ...(validation && { validation: (epoch: number) => validation.inOrder(epoch) }),
      onBatch: (epoch, views, { loss, accuracy }) =>
        run.onProgress(finished + views / recipe.views, epoch, { loss, accuracy }),
      onEpoch(record) {
        finished += train.index.samples.length;
        run.onEpoch(record);
      },
    });
    writeState(output.state, end, description);
    mkdirSync(output.model);
    writeModel(output.model, description, end.best ?? end.model);
    writeEpochs(output.log, end.history);
  } finally {
    train.close();
    validation?.close();
  }
}

/** @throws {ModelMismatchError} if the state is of another model than the params. */
function requireModel({ start: { description }, params: { model } }: PhaseRun): void {
  if (description.model === model.name) return;
  throw new ModelMismatchError(
    `the state is of the model ${description.model}, but the param model.name is ${model.name}: give the state of ` +
      `a ${model.name}, or change the param`,
  );
}

/**
 * Checks the views before the loader's threads start.
 *
 * @throws {ViewsMismatchError} if the views do not match the model or can't be used for training.
 */
function requireViews(
  model: PrototypeModel,
  { phase, views, validation, start: { description } }: PhaseRun,
  batchSize: number,
): void {
  const { sees } = definitionOf(description.model);
  const index = readViewsIndex(views);
  requireViewsFor(description, index, views);
  requireEveryClass(index);
  const trained = sees === "pair" ? 2 : index.viewsPerImage;
  requireLastBatch(
    index,
    batchSize,
    "trained",
    () => gradientProgram(model, phase, [], seenShape(sees, 1, { ...index, views: trained }), 1),
  );
  if (validation === undefined) return;
  const heldOut = readViewsIndex(validation);
  requireViewsFor(description, heldOut, validation);
  requireLastBatch(
    heldOut,
    batchSize,
    "validated",
    () => validationProgram(model, phase, seenShape(sees, 1, { ...heldOut, views: heldOut.viewsPerImage })),
  );
}

/**
 * If a pass over the images ends with a batch of one image, checks that its program can be made: a batch norm needs more
 * than one value per channel for training, and some losses compare images. Without this check, the error would come
 * after all other batches of an epoch.
 */
function requireLastBatch(
  { samples }: ViewsIndex,
  batchSize: number,
  what: "trained" | "validated",
  makeProgram: () => unknown,
): void {
  if (samples.length % batchSize !== 1) return;
  try {
    makeProgram();
  } catch (cause) {
    throw new ViewsMismatchError(
      `${samples.length} images in batches of ${batchSize} leave a last batch of one image, with which the network can't be ` +
        `${what}: ${(cause as Error).message}. Choose another batchSize`,
      { cause },
    );
  }
}
