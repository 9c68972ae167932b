/**
 * A training's state in a folder: `model.json`, `tensors.safetensors` with the state dictionary, the optimiser's state,
 * waiting gradients and the chosen checkpoint, `training.json` with the counters, and `epochs.jsonl` with a line for each
 * epoch. Equal states are equal bytes.
 */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readWeights } from "../../../nn/checkpoint/open.ts";
import { writeSafetensors } from "../../../nn/checkpoint/safetensors_writer.ts";
import { requireFinite } from "../../../nn/finite.ts";
import { below, under } from "../../../nn/parameters.ts";
import type { Phase } from "../../../nn/optim/phases.ts";
import {
  type ModelDescription,
  ModelFolderError,
  readDescription,
  writeDescription,
} from "../../model_folder.ts";
import type { EpochRecord } from "./epoch_record.ts";
import type { TrainingState } from "./training_state.ts";

const TENSORS_FILE = "tensors.safetensors";
const COUNTERS_FILE = "training.json";
/** One JSON object a line, an {@link EpochRecord}. */
export const EPOCHS_FILE = "epochs.jsonl";

interface Counters {
  readonly phase: Phase | null;
  readonly epochs: number;
  readonly steps: number;
  readonly bar: number;
}

/**
 * Writes a state into a folder of its own, which is made.
 *
 * @throws {NotFiniteError} when one of its tensors is not finite.
 */
export function writeState(folder: string, state: TrainingState, description: ModelDescription): void {
  const { phase, epochs, steps, bar, history, model, optimiser, gradients, best } = state;
  const tensors = new Map([
    ...under("model", model),
    ...under("optimiser", optimiser),
    ...under("gradients", gradients),
    ...under("best", best ?? new Map()),
  ]);
  requireFinite(tensors, `the state after ${epochs} epochs`, "it is not kept");
  mkdirSync(folder);
  writeDescription(folder, description);
  writeSafetensors(join(folder, TENSORS_FILE), tensors);
  const counters: Counters = { phase: phase ?? null, epochs, steps, bar };
  writeFileSync(join(folder, COUNTERS_FILE), `${JSON.stringify(counters)}\n`);
  writeEpochs(join(folder, EPOCHS_FILE), history);
}

/** Writes a line for each epoch to `path`. */
export function writeEpochs(path: string, history: readonly EpochRecord[]): void {
  writeFileSync(path, history.map((record) => `${JSON.stringify(record)}\n`).join(""));
}

/** The epochs that {@link writeEpochs} wrote. */
export function readEpochs(path: string): EpochRecord[] {
  return readFileSync(path, "utf8").split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

/**
 * The state that {@link writeState} wrote.
 *
 * @throws {ModelFolderError | WeightsError} when a file is missing or damaged.
 */
export function readState(folder: string): { state: TrainingState; description: ModelDescription } {
  const description = readDescription(folder);
  const tensors = readWeights(join(folder, TENSORS_FILE));
  const best = below(tensors, "best");
  let counters: Counters;
  let history: EpochRecord[];
  try {
    counters = JSON.parse(readFileSync(join(folder, COUNTERS_FILE), "utf8"));
    history = readEpochs(join(folder, EPOCHS_FILE));
  } catch (cause) {
    throw new ModelFolderError(`${folder} holds no state of a training: ${(cause as Error).message}`, {
      cause,
    });
  }
  const { phase, epochs, steps, bar } = counters;
  return {
    description,
    state: {
      phase: phase ?? undefined,
      epochs,
      steps,
      bar,
      history,
      model: below(tensors, "model"),
      optimiser: below(tensors, "optimiser"),
      gradients: below(tensors, "gradients"),
      best: best.size > 0 ? best : undefined,
    },
  };
}
