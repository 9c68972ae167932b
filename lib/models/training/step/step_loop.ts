/** Runs several steps with their micro-batches at once: the state goes to the device and back once. */

import type { ParameterGroup } from "../../../nn/optim/optimiser.ts";
import { scalarInputs } from "../../../nn/optim/optimiser.ts";
import type { NamedTensors } from "../../../runtime/feeds.ts";
import type { Loan } from "../../../runtime/lent.ts";
import type { Room } from "../../../runtime/room.ts";
import { openSession, type Session } from "../../../runtime/session.ts";
import type { SessionOptions } from "../../../runtime/session_options.ts";
import { elementCount, float32, type HostTensor } from "../../../tensor/host_tensor.ts";
import { peakBytes } from "../../../tensor/memory.ts";
import { BATCH, LABELS, LOGITS, termsAmong } from "./batch_programs.ts";
import type { LoopNames } from "./micro_batches.ts";
import { type StepLoopOptions, stepLoopProgram } from "./step_loop_program.ts";
import {
  type BatchResult,
  formOfBatch,
  type LevelBatch,
  stackedTensors,
  type TrainingBatch,
} from "./training_batch.ts";

/**
 * The micro-batches of one run on CUDA. The state of a training with a ResNet-50 is some 700 MB, and the binding has no
 * buffers in the memory of CUDA; more at once would save little, and hold more batches.
 */
const BATCHES = 8;

/** How many steps a training takes in one run; 0 where its state stays on the device, or in memory that it computes in. */
export function stepsPerRun({ device, runtime }: SessionOptions, accumulate: number): number {
  return device === "cuda" && runtime !== "tfjs" ? Math.max(1, Math.floor(BATCHES / accumulate)) : 0;
}

/** What a run of some steps gives. */
export interface StepsResult {
  /** By name, the new values of the state. */
  readonly state: ReadonlyMap<string, HostTensor>;
  /** Of every micro-batch. */
  readonly results: readonly BatchResult[];
}

/** The programs for `steps` steps, one for each form of batches. */
export class StepLoops {
  readonly #options: Omit<StepLoopOptions, "room">;
  readonly #steps: number;
  readonly #room: Room;
  readonly #session: SessionOptions;
  readonly #loops = new Map<string, StepLoop>();

  constructor(options: Omit<StepLoopOptions, "room">, steps: number, room: Room, session: SessionOptions) {
    this.#options = options;
    this.#steps = steps;
    this.#room = room;
    this.#session = session;
  }

  /** The program for batches of this form. */
  async openFor(batch: TrainingBatch | LevelBatch): Promise<StepLoop> {
    const form = formOfBatch(batch);
    const known = this.#loops.get(form.key);
    if (known) return known;
    const options = { ...this.#options, room: this.#room };
    const { program, feedback } = stepLoopProgram(options, form, this.#steps);
    const close = () => this.#close(form.key);
    await this.#room.take(peakBytes(program), close);
    const session = await openSession(program, this.#session);
    const opened = new StepLoop(session, feedback, this.#steps, close);
    this.#loops.set(form.key, opened);
    return opened;
  }

  async #close(key: string): Promise<void> {
    const { session } = this.#loops.get(key)!;
    this.#loops.delete(key);
    await session.release();
  }

  async release(): Promise<void> {
    for (const { close } of [...this.#loops.values()]) {
      this.#room.leave(close);
      await close();
    }
  }
}

/** An open program for some steps. */
export class StepLoop implements LoopNames {
  readonly inputs: ReadonlySet<string>;
  readonly fedBack: ReadonlySet<string>;

  /** @param close releases it, when another program needs its room */
  constructor(
    readonly session: Session,
    private readonly feedback: ReadonlyMap<string, string>,
    private readonly steps: number,
    readonly close: () => Promise<void>,
  ) {
    this.inputs = new Set(session.program.inputs.keys());
    this.fedBack = new Set(feedback.values());
  }

  /**
   * @param batches of one form, as many as the steps need
   * @param scalars of each step, see {@link scalarsOf}
   * @param given the part of the state before that is not lent
   * @param loans the other part, and what the phase does not change
   */
  async run(
    batches: readonly (TrainingBatch | LevelBatch)[],
    scalars: readonly ReadonlyMap<string, HostTensor>[],
    given: NamedTensors,
    loans: readonly Loan[],
  ): Promise<StepsResult> {
    const values: Record<string, HostTensor> = { ...given };
    const tensors = batches.map(({ x, labels, extra }) => ({ ...extra, [BATCH]: x, [LABELS]: labels }));
    for (const name of Object.keys(tensors[0]).filter((name) => this.inputs.has(name))) {
      values[name] = stackedTensors(tensors.map((batch: NamedTensors) => batch[name]), this.steps);
    }
    for (const name of scalars[0].keys()) {
      values[name] = float32([this.steps], scalars.map((step) => Number(step.get(name)!.data[0])));
    }
    const outputs = await this.session.run(values, ...loans);
    return {
      state: new Map([...this.feedback].map(([output, name]) => [name, outputs[output]])),
      results: batches.map((_, i) => resultOf(outputs, i)),
    };
  }
}

/** The result of micro-batch i, counted over all steps. */
function resultOf(outputs: Readonly<Record<string, HostTensor>>, i: number): BatchResult {
  const logits = outputs[LOGITS] as HostTensor<"float32">;
  const shape = logits.shape.slice(2);
  const size = elementCount(shape);
  return {
    terms: Object.fromEntries(termsAmong(outputs).map(([name, { data }]) => [name, Number(data[i])])),
    logits: float32(shape, logits.data.subarray(i * size, (i + 1) * size)),
  };
}

/** The scalars of every group for a step. */
export function scalarsOf(
  groups: readonly ParameterGroup[],
  rates: Readonly<Record<string, number>>,
  step: number,
): Map<string, HostTensor> {
  return new Map(groups.flatMap((group) => {
    const lr = rates[group.name];
    if (lr === undefined) {
      throw new RangeError(`the group "${group.name}" has no learning rate among ${Object.keys(rates)}`);
    }
    return [...scalarInputs(group, lr, step)];
  }));
}
