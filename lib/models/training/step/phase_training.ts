/** One phase of a training: micro-batches accumulate gradients, and optimiser steps apply them. */

import { adam } from "../../../nn/optim/adam.ts";
import { gradientName } from "../../../nn/optim/accumulation.ts";
import { type Optimiser, type ParameterGroup, scalarInputs, stateName } from "../../../nn/optim/optimiser.ts";
import type { Phase } from "../../../nn/optim/phases.ts";
import { describeNotFinite, NotFiniteError } from "../../../nn/finite.ts";
import type { Loan } from "../../../runtime/lent.ts";
import { openLoan, openResident, type Resident } from "../../../runtime/open_resident.ts";
import { Room } from "../../../runtime/room.ts";
import type { SessionOptions } from "../../../runtime/session_options.ts";
import { elementCount, float32, type HostTensor } from "../../../tensor/host_tensor.ts";
import { peakBytes } from "../../../tensor/memory.ts";
import { fitted } from "../../../tensor/recompute.ts";
import type { PrototypeModel } from "../../prototypes/prototype_model.ts";
import { BATCH, gradientProgram, LABELS, LOGITS, stepProgram, termsAmong } from "./batch_programs.ts";
import { beginPhase, type TrainingState } from "../state/training_state.ts";

/** Images [N, C, H, W] or views [N, V, C, H, W] of a batch, and the class of each image. */
export interface TrainingBatch {
  readonly x: HostTensor<"float32">;
  readonly labels: HostTensor<"int64">;
  /** The model's extra inputs, by name. */
  readonly extra?: Readonly<Record<string, HostTensor>>;
}

export interface BatchResult {
  /** Loss terms by name. */
  readonly terms: Readonly<Record<string, number>>;
  /** [N, classes] */
  readonly logits: HostTensor<"float32">;
}

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

/**
 * Trains a phase, starting from a state. Parameters and statistics are held by the tensor programs;
 * {@link PhaseTraining.state} reads them.
 */
export class PhaseTraining {
  readonly #options: Omit<PhaseOptions, "room">;
  readonly #groups: readonly ParameterGroup[];
  /** The state, except the part that the loops hold; its maps are not shared. */
  readonly #state: TrainingState;
  #steps: number;
  /** The micro-batch programs by batch shape. */
  readonly #loops = new Map<string, Loop>();
  readonly #room: Room;
  #active: Loop | undefined;
  /** Holds the parameters that the phase trains and the state of its optimiser. */
  #stepLoop: Resident | undefined;
  /** The tensors of the model that the phase does not change. */
  #fixed: { readonly loan: Loan; release(): Promise<void> } | undefined;
  /** The tensors that micro-batches change, while no program holds them. */
  #carried: Map<string, HostTensor>;
  #zeros: ReadonlyMap<string, HostTensor> | undefined;

  /** @param state the state of this phase; the state of an earlier phase is converted by `beginPhase` */
  constructor(state: TrainingState, { room = new Room(), ...options }: PhaseOptions) {
    this.#options = options;
    this.#room = room;
    this.#groups = optimiserGroups(options.model, options.phase, options.optimiser);
    const goesOn = state.phase === options.phase && isStateOf(this.#groups, state);
    this.#state = goesOn ? state : beginPhase(state, options.phase, this.#groups);
    this.#steps = this.#state.steps;
    this.#carried = new Map(this.#state.gradients);
  }

  /** The given state, at the beginning of the phase. */
  get begun(): TrainingState {
    return this.#state;
  }

  /** The number of steps of the phase's optimiser. */
  get steps(): number {
    return this.#steps;
  }

  /**
   * Adds the gradients of a micro-batch to the accumulated ones, and updates running statistics.
   *
   * @throws {NotFiniteError} if a loss term is not finite; names the tensor that caused it.
   */
  async microBatch({ x, labels, extra = {} }: TrainingBatch): Promise<BatchResult> {
    const loop = await this.#loopFor(x.shape);
    const moved = (await this.#stepper()).lend(this.#moved);
    this.#fixed ??= await this.#openFixed(loop);
    const batch: Record<string, HostTensor> = { ...extra, [BATCH]: x, [LABELS]: labels };
    const given = Object.entries(batch).filter(([name]) => loop.inputs.has(name));
    const results = await loop.resident.step(Object.fromEntries(given), moved, this.#fixed.loan);
    const terms = Object.fromEntries(termsAmong(results).map(([name, { data }]) => [name, Number(data[0])]));
    const wrong = Object.keys(terms).find((term) => !Number.isFinite(terms[term]));
    if (wrong !== undefined) throw await this.#notFinite(terms, wrong, batch);
    return { terms, logits: results[LOGITS] as HostTensor<"float32"> };
  }

  /** Finds the cause of a loss term that is not finite: a parameter, the batch, or the computation. */
  async #notFinite(
    terms: BatchResult["terms"],
    term: string,
    batch: Readonly<Record<string, HostTensor>>,
  ): Promise<NotFiniteError> {
    const what = `the loss of a batch is ${terms.loss}, its term "${term}" ${terms[term]}`;
    const parameter = describeNotFinite(await this.#stepLoop?.read(this.#moved) ?? []);
    if (parameter !== undefined) {
      return new NotFiniteError(
        `${what}, since step ${this.#steps} of the phase: ${parameter}; lower the learning rates`,
      );
    }
    const given = describeNotFinite(Object.entries(batch));
    return new NotFiniteError(
      given === undefined
        ? `${what}, although all parameters after step ${this.#steps} of the phase are finite; lower the learning rates`
        : `${what}, as the batch's ${given}; check the images for NaN`,
    );
  }

  /** Takes one step with the accumulated gradients and clears them. */
  async step(rates: Readonly<Record<string, number>>): Promise<void> {
    const stepper = await this.#stepper();
    const inputs = new Map<string, HostTensor>(this.#active ? [] : await this.#gradients());
    const gradients = this.#active ? [this.#active.resident.lend(this.#gradientNames)] : [];
    this.#steps++;
    for (const group of this.#groups) {
      const lr = rates[group.name];
      if (lr === undefined) {
        throw new RangeError(`the group "${group.name}" has no learning rate among ${Object.keys(rates)}`);
      }
      for (const [name, value] of scalarInputs(group, lr, this.#steps)) inputs.set(name, value);
    }
    await stepper.step(Object.fromEntries(inputs), ...gradients);
    this.clearGradients();
  }

  /** Clears the accumulated gradients. */
  clearGradients(): void {
    const zeros = this.#zeros ??= sharedZeros(
      this.#gradientNames.map((name) => [name, this.#carriedShape(name)]),
    );
    if (this.#active) this.#active.resident.write(zeros);
    else for (const [name, value] of zeros) this.#carried.set(name, value);
  }

  /** The model's current state dictionary. */
  async model(): Promise<Map<string, HostTensor>> {
    const current = new Map(this.#state.model);
    const moved = await this.#stepLoop?.read(this.#moved) ?? [];
    for (const [name, value] of [...await this.#held(), ...moved]) {
      if (current.has(name)) current.set(name, value);
    }
    return current;
  }

  /** The current state of the training, except the part that epochs add. */
  async state(): Promise<TrainingState> {
    const optimiser = new Map(this.#state.optimiser);
    if (this.#stepLoop) {
      const kept = await this.#stepLoop.read(optimiser.keys());
      for (const [name, value] of kept) optimiser.set(name, value);
    }
    return {
      ...this.#state,
      model: await this.model(),
      optimiser,
      steps: this.#steps,
      gradients: await this.#gradients(),
    };
  }

  async release(): Promise<void> {
    for (const loop of this.#loops.values()) {
      this.#room.leave(loop.close);
      await loop.resident.release();
    }
    await this.#stepLoop?.release();
    await this.#fixed?.release();
  }

  /** The names of the parameters that the phase trains. */
  get #moved(): string[] {
    return this.#groups.flatMap(({ parameters }) => parameters);
  }

  get #gradientNames(): string[] {
    return this.#moved.map(gradientName);
  }

  async #loopFor(shape: readonly number[]): Promise<Loop> {
    const key = shape.join();
    const known = this.#loops.get(key);
    if (known && known === this.#active) return known;
    const loop = known ?? await this.#openLoop(shape);
    if (known) known.resident.write(await this.#held());
    this.#loops.set(key, loop);
    return this.#active = loop;
  }

  async #openLoop(shape: readonly number[]): Promise<Loop> {
    const { model, phase, accumulate, optimiser: _, ...options } = this.#options;
    const loop = gradientProgram(model, phase, this.#moved, shape, accumulate);
    const program = fitted(loop.program, this.#room.bytes);
    const close = () => this.#closeLoop(shape.join());
    await this.#room.take(peakBytes(program), close);
    const held = await this.#held();
    const { feedback } = loop;
    const fedBack = new Set(feedback.values());
    const state = new Map([...fedBack].map((name) => [name, held.get(name) ?? this.#state.model.get(name)!]));
    const resident = await openResident(program, { ...options, feedback, state });
    return { resident, fedBack, inputs: new Set(program.inputs.keys()), close };
  }

  /** Gives its room to another program; what it holds is carried to the next one. */
  async #closeLoop(key: string): Promise<void> {
    const loop = this.#loops.get(key)!;
    this.#loops.delete(key);
    if (loop === this.#active) {
      this.#carried = await loop.resident.read();
      this.#active = undefined;
    }
    await loop.resident.release();
  }

  async #stepper(): Promise<Resident> {
    return this.#stepLoop ??= await this.#openStep();
  }

  async #openStep(): Promise<Resident> {
    const { model, phase, accumulate: _, optimiser: __, ...options } = this.#options;
    const { program, feedback } = stepProgram(model, phase, this.#groups);
    const state = new Map([...this.#state.model, ...this.#state.optimiser]);
    return await openResident(program, { ...options, feedback, state });
  }

  /** Opens the fixed tensors of the model; they are the same for every batch shape. */
  #openFixed({ inputs, fedBack }: Loop): Promise<{ loan: Loan; release(): Promise<void> }> {
    const { model: _, phase: __, accumulate: ___, optimiser: ____, ...options } = this.#options;
    const moved = new Set(this.#moved);
    const fixed = [...this.#state.model].filter(([name]) =>
      inputs.has(name) && !moved.has(name) && !fedBack.has(name)
    );
    return openLoan(new Map(fixed), options);
  }

  /** The tensors that micro-batches have changed: gradients, and statistics after the first micro-batch. */
  async #held(): Promise<Map<string, HostTensor>> {
    return this.#active ? await this.#active.resident.read() : this.#carried;
  }

  async #gradients(): Promise<Map<string, HostTensor>> {
    const names = this.#gradientNames;
    if (this.#active) return await this.#active.resident.read(names);
    return new Map(names.map((name) => [name, this.#carried.get(name)!]));
  }

  #carriedShape(name: string): readonly number[] {
    return this.#carried.get(name)!.shape;
  }
}

/** A running program for micro-batches of one shape. */
interface Loop {
  readonly resident: Resident;
  /** The names of its inputs. */
  readonly inputs: ReadonlySet<string>;
  /** The outputs that are fed back. */
  readonly fedBack: ReadonlySet<string>;
  /** Releases it, when another program needs its room. */
  close(): Promise<void>;
}

/** Zeros of the given shapes. They are parts of one array: a new one for each would cost a step as much as its writing. */
function sharedZeros(shapes: readonly (readonly [string, readonly number[]])[]): Map<string, HostTensor> {
  const zeros = new Float32Array(Math.max(0, ...shapes.map(([, shape]) => elementCount(shape))));
  return new Map(
    shapes.map(([name, shape]) => [name, float32(shape, zeros.subarray(0, elementCount(shape)))]),
  );
}

/** Whether the state has what the optimisers of these groups keep: another optimiser begins the phase anew. */
function isStateOf(groups: readonly ParameterGroup[], { optimiser: kept }: TrainingState): boolean {
  const needed = groups.flatMap(({ parameters, optimiser }) =>
    parameters.flatMap((parameter) => optimiser.state.map((state) => stateName(state, parameter)))
  );
  return needed.length === kept.size && needed.every((name) => kept.has(name));
}
