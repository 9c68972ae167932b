/** One phase of a training: micro-batches accumulate gradients, and optimiser steps apply them. */

import { adam } from "../../../nn/optim/adam.ts";
import { isStep } from "../../../nn/optim/accumulation.ts";
import { type Optimiser, type ParameterGroup, stateName } from "../../../nn/optim/optimiser.ts";
import type { Phase } from "../../../nn/optim/phases.ts";
import { openResident, type Resident } from "../../../runtime/open_resident.ts";
import { Room } from "../../../runtime/room.ts";
import type { SessionOptions } from "../../../runtime/session_options.ts";
import type { HostTensor } from "../../../tensor/host_tensor.ts";
import type { PrototypeModel } from "../../prototypes/prototype_model.ts";
import { BATCH, LABELS, LOGITS, stepProgram, termsAmong } from "./batch_programs.ts";
import { beginPhase, type TrainingState } from "../state/training_state.ts";
import { lossError } from "./loss_error.ts";
import { MicroBatches } from "./micro_batches.ts";
import { scalarsOf, StepLoops, stepsPerRun } from "./step_loop.ts";
import type { BatchResult, LevelBatch, TrainingBatch } from "./training_batch.ts";

export interface PhaseOptions extends SessionOptions {
  readonly model: PrototypeModel;
  readonly phase: Phase;
  /** Micro-batches per step; the loss of each is divided by this number. */
  readonly accumulate: number;
  /** The update rule of all groups; default: Adam with PyTorch's defaults */
  readonly optimiser?: Optimiser;
  /**
   * The memory for intermediate values, shared with other programs; by default there is enough. Where the values of a
   * micro-batch do not fit, some are computed again: the results are the same bits.
   */
  readonly room?: Room;
  /** Steps to take in one run; by default as many as suit the device. 0: every micro-batch and step is a run of its own. */
  readonly stepsPerRun?: number;
}

/** The groups of a phase, all with one update rule. Parameters without gradient are omitted. */
export function optimiserGroups(
  model: PrototypeModel,
  phase: Phase,
  optimiser: Optimiser = adam(),
): ParameterGroup[] {
  const reached = new Set(model.gradients(phase));
  return model.groups(phase).map(({ name, parameters }) => {
    return { name, parameters: parameters.filter((parameter) => reached.has(parameter)), optimiser };
  });
}

type AnyBatch = TrainingBatch | LevelBatch;

/** Learning rates by group. */
type Rates = Readonly<Record<string, number>>;

/**
 * Trains a phase, starting from a state. Parameters and statistics are held by the tensor programs;
 * {@link PhaseTraining.state} reads them.
 */
export class PhaseTraining {
  /** The micro-batches that {@link takeSteps} takes; 1 where every micro-batch is a run of its own. */
  readonly batchesPerRun: number;
  readonly #options: Omit<PhaseOptions, "room" | "stepsPerRun">;
  readonly #groups: readonly ParameterGroup[];
  /** The state, except the part that the programs hold; its maps are not shared. */
  readonly #state: TrainingState;
  #steps: number;
  readonly #microBatches: MicroBatches;
  readonly #stepLoops: StepLoops;
  /** Holds the parameters that the phase trains and the state of its optimiser. */
  #stepper: Resident | undefined;
  /** Whether all gradients are known to be zero. */
  #isClear: boolean;

  /** @param state the state of this phase; the state of an earlier phase is converted by `beginPhase` */
  constructor(state: TrainingState, { room = new Room(), stepsPerRun: steps, ...options }: PhaseOptions) {
    this.#options = options;
    const { model, phase, accumulate, optimiser, ...session } = options;
    const groups = this.#groups = optimiserGroups(model, phase, optimiser);
    const goesOn = state.phase === phase && isStateOf(groups, state);
    this.#state = goesOn ? state : beginPhase(state, phase, groups);
    this.#steps = this.#state.steps;
    this.#microBatches = new MicroBatches(this.#state, {
      model,
      phase,
      moved: this.#moved,
      accumulate,
      room,
      session,
    });
    const atOnce = steps ?? stepsPerRun(session, accumulate);
    this.batchesPerRun = Math.max(1, atOnce * accumulate);
    this.#stepLoops = new StepLoops({ model, phase, groups, accumulate }, atOnce, room, session);
    this.#isClear = atOnce > 0 && areZeros(this.#state.gradients.values());
  }

  /** The given state, at the beginning of the phase. */
  get begun(): TrainingState {
    return this.#state;
  }

  /** The number of steps of the phase's optimiser. */
  get steps(): number {
    return this.#steps;
  }

  /** Whether {@link takeSteps} may run: no micro-batch has left gradients. */
  get isClear(): boolean {
    return this.#isClear;
  }

  /**
   * Adds the gradients of a micro-batch to the accumulated ones, and updates running statistics.
   *
   * @throws {NotFiniteError} if a loss term is not finite; names the tensor that caused it.
   */
  async microBatch(batch: AnyBatch): Promise<BatchResult> {
    const { x, labels, extra } = batch;
    const loop = await this.#microBatches.loopFor(batch);
    const stepper = await this.#openStepper();
    const moved = stepper.lend(this.#moved);
    const fixed = await this.#microBatches.fixedFor(loop);
    const given = Object.entries({ ...extra, [BATCH]: x, [LABELS]: labels });
    const read = given.filter(([name]) => loop.inputs.has(name));
    this.#isClear = false;
    const results = await loop.resident.step(Object.fromEntries(read), moved, fixed);
    const terms = Object.fromEntries(termsAmong(results).map(([name, { data }]) => [name, Number(data[0])]));
    const error = await lossError(terms, this.#steps, given, () => stepper.read(this.#moved));
    if (error) throw error;
    return { terms, logits: results[LOGITS] as HostTensor<"float32"> };
  }

  /** Takes one step with the accumulated gradients and clears them. */
  async step(rates: Rates): Promise<void> {
    const stepper = await this.#openStepper();
    const { lent, given } = this.#microBatches.held(this.#microBatches.gradientNames);
    const scalars = scalarsOf(this.#groups, rates, ++this.#steps);
    await stepper.step({ ...given, ...Object.fromEntries(scalars) }, ...lent);
    this.clearGradients();
  }

  /**
   * Takes {@link batchesPerRun} micro-batches and all of their steps in one run, with the same bits as one after the
   * other. There must be no gradients: see {@link isClear}.
   *
   * @param batches of one form
   * @throws {NotFiniteError} as {@link microBatch} does.
   */
  async takeSteps(batches: readonly AnyBatch[], rates: Rates): Promise<readonly BatchResult[]> {
    const loop = await this.#stepLoops.openFor(batches[0]);
    const stepper = await this.#openStepper();
    const moved = [...this.#moved, ...this.#state.optimiser.keys()];
    const statistics = [...loop.fedBack].filter((name) => !moved.includes(name));
    const { lent, given } = this.#microBatches.held(statistics);
    const loans = [...lent, stepper.lend(moved), await this.#microBatches.fixedFor(loop)];
    const steps = batches.length / this.#options.accumulate;
    const scalars = Array.from(
      { length: steps },
      (_, i) => scalarsOf(this.#groups, rates, this.#steps + 1 + i),
    );
    const { state, results } = await loop.run(batches, scalars, given, loans);
    // Which parameter or batch is wrong, and since when, is found one micro-batch at a time.
    if (!results.every(isFinite)) return await this.#takeOneByOne(batches, rates);
    const named = (names: readonly string[]) => new Map(names.map((name) => [name, state.get(name)!]));
    stepper.write(named(moved));
    this.#microBatches.write(named(statistics));
    this.#steps += steps;
    return results;
  }

  async #takeOneByOne(batches: readonly AnyBatch[], rates: Rates): Promise<BatchResult[]> {
    const results: BatchResult[] = [];
    for (const [i, batch] of batches.entries()) {
      results.push(await this.microBatch(batch));
      if (isStep(i, this.#options.accumulate)) await this.step(rates);
    }
    return results;
  }

  /** Clears the accumulated gradients. */
  clearGradients(): void {
    this.#microBatches.clearGradients();
    this.#isClear = true;
  }

  /** The model's current state dictionary. */
  async model(): Promise<Map<string, HostTensor>> {
    const current = new Map(this.#state.model);
    const moved = await this.#stepper?.read(this.#moved) ?? [];
    for (const [name, value] of [...await this.#microBatches.changed(), ...moved]) {
      if (current.has(name)) current.set(name, value);
    }
    return current;
  }

  /** The current state of the training, except the part that epochs add. */
  async state(): Promise<TrainingState> {
    const optimiser = new Map(this.#state.optimiser);
    if (this.#stepper) {
      const kept = await this.#stepper.read(optimiser.keys());
      for (const [name, value] of kept) optimiser.set(name, value);
    }
    return {
      ...this.#state,
      model: await this.model(),
      optimiser,
      steps: this.#steps,
      gradients: await this.#microBatches.gradients(),
    };
  }

  async release(): Promise<void> {
    await this.#microBatches.release();
    await this.#stepLoops.release();
    await this.#stepper?.release();
  }

  /** The names of the parameters that the phase trains. */
  get #moved(): string[] {
    return this.#groups.flatMap(({ parameters }) => parameters);
  }

  async #openStepper(): Promise<Resident> {
    return this.#stepper ??= await this.#openStep();
  }

  async #openStep(): Promise<Resident> {
    const { model, phase, accumulate: _, optimiser: __, ...session } = this.#options;
    const { program, feedback } = stepProgram(model, phase, this.#groups);
    const state = new Map([...this.#state.model, ...this.#state.optimiser]);
    return await openResident(program, { ...session, feedback, state });
  }
}

function isFinite({ terms }: BatchResult): boolean {
  return Object.values(terms).every(Number.isFinite);
}

function areZeros(tensors: Iterable<HostTensor>): boolean {
  return [...tensors].every(({ data }) => (data as Float32Array).every((value) => Object.is(value, 0)));
}

/** Whether the state has what the optimisers of these groups keep: another optimiser begins the phase anew. */
function isStateOf(groups: readonly ParameterGroup[], { optimiser: kept }: TrainingState): boolean {
  const needed = groups.flatMap(({ parameters, optimiser }) =>
    parameters.flatMap((parameter) => optimiser.state.map((state) => stateName(state, parameter)))
  );
  return needed.length === kept.size && needed.every((name) => kept.has(name));
}
