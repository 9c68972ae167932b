/**
 * Stores a training's state in a folder: `model.json`; `tensors.safetensors` with the state dictionary, the
 * optimiser's state, accumulated gradients and the chosen checkpoint; `training.json` with the counters; and
 * `epochs.jsonl` with one line per epoch. Equal states give equal bytes.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readJson, readJsonLines } from "../../../json/read_json.ts";
import { readWeights } from "../../../nn/checkpoint/open.ts";
import { writeSafetensors } from "../../../nn/checkpoint/safetensors_writer.ts";
import { requireFinite } from "../../../nn/finite.ts";
import { below, under } from "../../../nn/parameters.ts";
import type { Phase } from "../../../nn/optim/phases.ts";
import { type ModelDescription, readDescription, writeDescription } from "../../model_folder.ts";
import type { EpochRecord } from "./epoch_record.ts";
import type { TrainingState } from "./training_state.ts";

const TENSORS_FILE = "tensors.safetensors";
const COUNTERS_FILE = "training.json";
/** The name of the log: one {@link EpochRecord} per line, as JSON. */
export const EPOCHS_FILE = "epochs.jsonl";

const phaseSchema = z.enum(["warmup", "joint", "fine_tune"]) satisfies z.ZodType<Phase>;

const countersSchema = z.strictObject({
  phase: phaseSchema.nullable(),
  epochs: z.int().nonnegative(),
  steps: z.int().nonnegative(),
  bar: z.number(),
});

const meansSchema = z.record(z.string(), z.number());

/** The order of these fields is the order in the file. */
const epochSchema = z.strictObject({
  epoch: z.int().nonnegative(),
  phase: phaseSchema,
  rates: meansSchema,
  train: meansSchema,
  saved: z.boolean(),
  validation: meansSchema.optional(),
}) satisfies z.ZodType<EpochRecord>;

/**
 * Creates `folder` and writes a state into it.
 *
 * @throws {NotFiniteError} if one of its tensors is not finite.
 */
export function writeState(folder: string, state: TrainingState, description: ModelDescription): void {
  const { phase, epochs, steps, bar, history, model, optimiser, gradients, best } = state;
  const tensors = new Map([
    ...under("model", model),
    ...under("optimiser", optimiser),
    ...under("gradients", gradients),
    ...under("best", best ?? new Map()),
  ]);
  requireFinite(tensors, `the state after ${epochs} epochs`, "it is not stored");
  mkdirSync(folder);
  writeDescription(folder, description);
  writeSafetensors(join(folder, TENSORS_FILE), tensors);
  const counters: z.infer<typeof countersSchema> = { phase: phase ?? null, epochs, steps, bar };
  writeFileSync(join(folder, COUNTERS_FILE), `${JSON.stringify(counters)}\n`);
  writeEpochs(join(folder, EPOCHS_FILE), history);
}

/** Writes one line per epoch to `path`. */
export function writeEpochs(path: string, history: readonly EpochRecord[]): void {
  const line = (record: EpochRecord) => `${JSON.stringify(epochSchema.parse(record))}\n`;
  writeFileSync(path, history.map(line).join(""));
}

/**
 * Reads the epochs that {@link writeEpochs} wrote.
 *
 * @throws {JsonFileError} if the file is missing or malformed; names the line and the field.
 */
export function readEpochs(path: string): EpochRecord[] {
  return readJsonLines(path, epochSchema, "the epochs of a training");
}

/**
 * Reads the state that {@link writeState} wrote.
 *
 * @throws {JsonFileError | WeightsError} if a file is missing or damaged.
 */
export function readState(folder: string): { state: TrainingState; description: ModelDescription } {
  const description = readDescription(folder);
  const tensors = readWeights(join(folder, TENSORS_FILE));
  const best = below(tensors, "best");
  const { phase, epochs, steps, bar } = readJson(
    join(folder, COUNTERS_FILE),
    countersSchema,
    "the counters of a training",
  );
  const history = readEpochs(join(folder, EPOCHS_FILE));
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
