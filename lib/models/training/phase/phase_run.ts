/** A piece of a phase as a task does it: from a state and views in folders to a state in a folder. */

import { mkdirSync } from "node:fs";
import { readViewsIndex, type ViewsIndex } from "../../../data/views/views_file.ts";
import type { Phase } from "../../../nn/optim/phases.ts";
import type { SessionOptions } from "../../../runtime/session_options.ts";
import { oneView } from "../../../vision/augment/views.ts";
import { type FidelityOptions, type Flaw, MODEL_FLAWS } from "../../fidelity.ts";
import { type ModelDescription, modelOf, writeModel } from "../../model_folder.ts";
import { PROTOMASK_FLAWS } from "../../protomask.ts";
import type { EpochRecord } from "../state/epoch_record.ts";
import type { PrototypeModel } from "../../prototypes/prototype_model.ts";
import { gradientProgram } from "../step/batch_programs.ts";
import { requireEveryClass, requireViewsFor, ViewsMismatchError } from "./initial_training.ts";
import type { PhaseParams } from "./phase_params.ts";
import { type PhaseRates, ratesAt } from "./phase_rates.ts";
import { runEpochs, TRAINING_FLAWS } from "../loop/run_epochs.ts";
import { writeEpochs, writeState } from "../state/state_files.ts";
import type { TrainingState } from "../state/training_state.ts";
import { ViewSet } from "./view_batches.ts";

/** Every flaw that concerns a phase; a kind offers those that concern its own phase. */
export const PHASE_FLAWS = [...PROTOMASK_FLAWS, ...TRAINING_FLAWS, "affine_border"] as const;

/** What a piece of a phase needs: where it starts, how it trains, and where it writes. */
export interface PhaseRun {
  readonly phase: Phase;
  readonly start: { readonly state: TrainingState; readonly description: ModelDescription };
  /** How many epochs to do. */
  readonly epochs: number;
  readonly params: PhaseParams;
  /** Choices for flaws; all others are `reference`. */
  readonly fidelity: Partial<FidelityOptions<typeof PHASE_FLAWS[number]>>;
  readonly rates: PhaseRates;
  /** A folder of views. */
  readonly views: string;
  /** A folder of views that are held out. */
  readonly validation?: string;
  /** Where to write. */
  readonly output: {
    /** The state, a folder. */
    readonly state: string;
    /** The chosen checkpoint, a folder. */
    readonly model: string;
    /** A line of JSON for each epoch so far. */
    readonly log: string;
  };
  readonly session: SessionOptions;
  /** @param images that were trained with since the piece began */
  onProgress(images: number, epoch: number, figures: Readonly<Record<string, number>>): void;
  onEpoch(record: EpochRecord): void;
}

/**
 * Runs the epochs and writes what they lead to. The checkpoint is the best of the phase by accuracy on the held-out views;
 * without any, or where none was better than what came before, the weights as they are.
 */
export async function runPhase(run: PhaseRun): Promise<void> {
  const { phase, params, output, start: { state, description } } = run;
  const fidelity = { ...MODEL_FLAWS.preset("reference", PHASE_FLAWS as readonly Flaw[]), ...run.fidelity };
  const model = modelOf(description, { coefs: params.coefs, fidelity });
  requireViews(model, run);
  const open = (folder: string) =>
    new ViewSet(folder, { colors: description.colors, batchSize: params.batchSize });
  const train = open(run.views);
  const validation = run.validation === undefined ? undefined : open(run.validation);
  const recipe = oneView(params.augmentation, fidelity.affine_border === "reference" ? "wrap" : "reflect101");
  const groups = model.groups(phase);
  let finished = 0;
  try {
    const end = await runEpochs(state, {
      ...run.session,
      model,
      phase,
      epochs: run.epochs,
      rates: (epoch) => ratesAt(groups, run.rates, epoch),
      accumulate: params.accumulateBatches,
      validateEvery: params.validateEvery,
      fidelity,
      train: (epoch) => train.shuffled({ recipe, seed: params.seed, epoch }),
      ...(validation && { validation: () => validation.inOrder() }),
      onBatch: (epoch, images, { loss, accuracy }) =>
        run.onProgress(finished + images, epoch, { loss, accuracy }),
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

/**
 * Checks the views before threads begin to read them.
 *
 * @throws {ViewsMismatchError} where they don't fit the model, or the phase can't be trained with them.
 */
function requireViews(
  model: PrototypeModel,
  { phase, views, validation, params: { batchSize }, start: { description } }: PhaseRun,
): void {
  const index = readViewsIndex(views);
  requireViewsFor(description, index, views);
  requireEveryClass(index);
  requireLastBatch(model, phase, index, batchSize);
  if (validation !== undefined) requireViewsFor(description, readViewsIndex(validation), validation);
}

/**
 * Checks that a single image, where an epoch ends with one, can be trained with: a batch norm with one value a channel
 * can't. It would else be found after all other batches of an epoch.
 */
function requireLastBatch(
  model: PrototypeModel,
  phase: Phase,
  { samples, viewsPerImage, width, height }: ViewsIndex,
  batchSize: number,
): void {
  if (samples.length % batchSize !== 1) return;
  try {
    gradientProgram(model, phase, [], [1, viewsPerImage, 3, height, width], 1);
  } catch (cause) {
    throw new ViewsMismatchError(
      `${samples.length} images in batches of ${batchSize} leave a batch with one image, which the network can't be ` +
        `trained with: ${(cause as Error).message}. Choose another batchSize`,
      { cause },
    );
  }
}
