/** The memory of a training task, and the part of it that is left for the intermediate values of micro-batches. */

import type { Phase } from "../../../nn/optim/phases.ts";
import { PROCESS_MB, RUNTIME_MB } from "../../../runtime/process_memory.ts";
import { bytesOf } from "../../../tensor/memory.ts";
import type { PrototypeModel } from "../../prototypes/prototype_model.ts";
import { optimiserGroups } from "../step/phase_training.ts";

/** What a phase holds beside intermediate values. */
export interface HeldTensors {
  /** Bytes of the model's tensors. */
  readonly model: number;
  /** Bytes of those that the phase trains. */
  readonly trained: number;
  /** Elements of a batch as the model sees it. */
  readonly batch: number;
}

/** The bytes of a model's tensors, and of those that a phase trains. */
export function modelBytes(model: PrototypeModel, phase: Phase): Pick<HeldTensors, "model" | "trained"> {
  const moved = new Set(optimiserGroups(model, phase).flatMap(({ parameters }) => parameters));
  const sum = (specs: typeof model.specs) => specs.reduce((total, spec) => total + bytesOf(spec), 0);
  return { model: sum(model.specs), trained: sum(model.specs.filter(({ name }) => moved.has(name))) };
}

/** The batches that the loader holds: one in use, and those that are ready or being read. */
const BATCHES = 5;

/**
 * The bytes of a training beside its intermediate values: the process, the model with the gradients and two moments of what is
 * trained, twice, as the state at the beginning is kept until the end, and batches as float32.
 */
export function heldBytes({ model, trained, batch }: HeldTensors): number {
  return (PROCESS_MB + RUNTIME_MB) * 2 ** 20 + 2 * (model + 3 * trained) + BATCHES * 4 * batch;
}

/**
 * The bytes for intermediate values among the memory that a task was assigned; undefined, which is no limit, where it was assigned
 * none.
 *
 * @param memoryMB in MiB
 */
export function valueBytes(memoryMB: number | undefined, held: HeldTensors): number | undefined {
  return memoryMB ? Math.max(0, memoryMB * 2 ** 20 - heldBytes(held)) : undefined;
}
