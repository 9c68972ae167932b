/** One phase of a training: micro-batches that gather gradients, and the optimiser's steps that apply them. */

import { adam } from "../../../nn/optim/adam.ts";
import { gradientName } from "../../../nn/optim/accumulation.ts";
import { type ParameterGroup, scalarInputs } from "../../../nn/optim/optimiser.ts";
import type { Phase } from "../../../nn/optim/phases.ts";
import { describeNotFinite, NotFiniteError } from "../../../nn/finite.ts";
import { zerosOf } from "../../../nn/parameters.ts";
import { type Loan, openLoan, openResident, type Resident } from "../../../runtime/open_resident.ts";
import type { SessionOptions } from "../../../runtime/session_options.ts";
import type { HostTensor } from "../../../tensor/host_tensor.ts";
import { takeRows } from "../../../tensor/take_rows.ts";
import type { PrototypeModel } from "../../prototypes/prototype_model.ts";
import { BATCH, gradientProgram, LABELS, LOGITS, stepProgram, termsAmong } from "./batch_programs.ts";
import { beginPhase, type TrainingState } from "../state/training_state.ts";

/** Images [N, C, H, W] or views [N, V, C, H, W] of a batch, and the class of each image. */
export interface TrainingBatch {
  readonly x: HostTensor<"float32">;
  readonly labels: HostTensor<"int64">;
  /** The model's further inputs, by name. */
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
  /** Micro-batches of a step; the loss of each counts as one over this. */
  readonly accumulate: number;
}

/** The groups of a phase, each moved by Adam with PyTorch's defaults; what gets no gradient is left out. */
export function optimiserGroups(model: PrototypeModel, phase: Phase): ParameterGroup[] {
  const optimiser = adam();
  const reached = new Set(model.gradients(phase));
  return model.groups(phase).map(({ name, parameters }) => {
    return { name, parameters: parameters.filter((parameter) => reached.has(parameter)), optimiser };
  });
}

/**
 * A phase from a state on. Parameters and statistics live in the tensor programs; {@link PhaseTraining.state} reads them.
 */
export class PhaseTraining {
  readonly #options: PhaseOptions;
  readonly #groups: readonly ParameterGroup[];
  /** The state, except the part held by the loops; its maps are not shared. */
  readonly #state: TrainingState;
  #steps: number;
  /** The programs of micro-batches by the shape of the batch. */
  readonly #loops = new Map<string, Loop>();
  #active: Loop | undefined;
  /** Holds the parameters that the phase moves, and what its optimiser keeps of them. */
  #stepLoop: Resident | undefined;
  /** The model's values that the phase does not change. */
  #fixed: { readonly loan: Loan; release(): Promise<void> } | undefined;
  /** What micro-batches change, while no program holds it. */
  #carried: Map<string, HostTensor>;

  /** @param state of this phase; the state of an earlier phase is converted as the phase begins */
  constructor(state: TrainingState, options: PhaseOptions) {
    this.#options = options;
    this.#groups = optimiserGroups(options.model, options.phase);
    this.#state = state.phase === options.phase ? state : beginPhase(state, options.phase, this.#groups);
    this.#steps = this.#state.steps;
    this.#carried = new Map(this.#state.gradients);
  }

  /** The state as it was given, at the beginning of the phase. */
  get begun(): TrainingState {
    return this.#state;
  }

  /** Steps that the phase's optimiser has taken. */
  get steps(): number {
    return this.#steps;
  }

  /**
   * Adds the gradients of a micro-batch to the accumulated ones, and updates running statistics.
   *
   * @throws {NotFiniteError} when a term of the loss is not finite, naming the tensor in which that arose.
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

  /** Where a term of the loss that is not finite arose: in a parameter, in the batch or in between. */
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
        : `${what}, as the batch's ${given}; look for images that are not numbers`,
    );
  }

  /** One step from the gradients that wait; then none do. */
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

  /** Forgets the gradients that wait. */
  clearGradients(): void {
    const zeros = new Map(this.#gradientNames.map((name) => [name, zerosOf(this.#carriedShape(name))]));
    if (this.#active) this.#active.resident.write(zeros);
    else for (const [name, value] of zeros) this.#carried.set(name, value);
  }

  /** The model's state dictionary as it is now. */
  async model(): Promise<Map<string, HostTensor>> {
    const current = new Map(this.#state.model);
    const moved = await this.#stepLoop?.read(this.#moved) ?? [];
    for (const [name, value] of [...await this.#held(), ...moved]) {
      if (current.has(name)) current.set(name, value);
    }
    return current;
  }

  /** The present state of the training, except the part that epochs add. */
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
    for (const loop of this.#loops.values()) await loop.resident.release();
    await this.#stepLoop?.release();
    await this.#fixed?.release();
  }

  /** The names of the parameters that the phase moves. */
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
    const held = await this.#held();
    const loop = known ?? await this.#openLoop(shape, held);
    if (known) known.resident.write(held);
    this.#loops.set(key, loop);
    return this.#active = loop;
  }

  async #openLoop(shape: readonly number[], held: ReadonlyMap<string, HostTensor>): Promise<Loop> {
    const { model, phase, accumulate, ...options } = this.#options;
    const { program, feedback } = gradientProgram(model, phase, this.#moved, shape, accumulate);
    const fedBack = new Set(feedback.values());
    const state = new Map([...fedBack].map((name) => [name, held.get(name) ?? this.#state.model.get(name)!]));
    const resident = await openResident(program, { ...options, feedback, state });
    return { resident, fedBack, inputs: new Set(program.inputs.keys()) };
  }

  async #stepper(): Promise<Resident> {
    return this.#stepLoop ??= await this.#openStep();
  }

  async #openStep(): Promise<Resident> {
    const { model, phase, accumulate: _, ...options } = this.#options;
    const { program, feedback } = stepProgram(model, phase, this.#groups);
    const state = new Map([...this.#state.model, ...this.#state.optimiser]);
    return await openResident(program, { ...options, feedback, state });
  }

  /** Which of the model's values are fixed is the same for every shape of batches. */
  #openFixed({ inputs, fedBack }: Loop): Promise<{ loan: Loan; release(): Promise<void> }> {
    const { model: _, phase: __, accumulate: ___, ...options } = this.#options;
    const moved = new Set(this.#moved);
    const fixed = [...this.#state.model].filter(([name]) =>
      inputs.has(name) && !moved.has(name) && !fedBack.has(name)
    );
    return openLoan(new Map(fixed), options);
  }

  /** What micro-batches have changed: gradients, and statistics once one has been run. */
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

/** A program for micro-batches of one shape. */
interface Loop {
  readonly resident: Resident;
  /** The names of its inputs. */
  readonly inputs: ReadonlySet<string>;
  /** The outputs that are fed back. */
  readonly fedBack: ReadonlySet<string>;
}

/** The given images of a batch. */
export function rowsOfBatch({ x, labels }: TrainingBatch, rows: readonly number[]): TrainingBatch {
  return { x: takeRows(x, rows), labels: takeRows(labels, rows) };
}
