/** One phase of a training: micro-batches that gather gradients, and the optimiser's steps that apply them. */

import { adam } from "../../nn/optim/adam.ts";
import { gradientName } from "../../nn/optim/accumulation.ts";
import { type ParameterGroup, scalarInputs } from "../../nn/optim/optimiser.ts";
import type { Phase } from "../../nn/optim/phases.ts";
import { zerosOf } from "../../nn/parameters.ts";
import { openResident, type Resident } from "../../runtime/open_resident.ts";
import type { SessionOptions } from "../../runtime/session_options.ts";
import { elementCount, float32, type HostTensor } from "../../tensor/host_tensor.ts";
import type { Program } from "../../tensor/graph.ts";
import type { PrototypeModel } from "../prototypes/prototype_model.ts";
import { BATCH, gradientProgram, LABELS, LOGITS, stepProgram, termsAmong } from "./batch_programs.ts";
import { beginPhase, type TrainingState } from "./training_state.ts";

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

/** A loss that is not a number: nothing that follows would mean anything. */
export class LossError extends Error {
  override readonly name = "LossError";
}

/**
 * A phase from a state on. Parameters and statistics live in the tensor programs; {@link PhaseTraining.state} reads them.
 */
export class PhaseTraining {
  readonly #options: PhaseOptions;
  readonly #groups: readonly ParameterGroup[];
  /** The state but for what the loops hold; its maps are this object's own. */
  readonly #state: TrainingState;
  readonly #model: Map<string, HostTensor>;
  #steps: number;
  /** The programs of micro-batches by the shape of the batch. */
  readonly #loops = new Map<string, Loop>();
  #active: Loop | undefined;
  #stepLoop: Loop | undefined;
  /** What micro-batches change, while no program holds it. */
  #carried: Map<string, HostTensor>;

  /** @param state of this phase; a state of an earlier one is taken over as the phase begins */
  constructor(state: TrainingState, options: PhaseOptions) {
    this.#options = options;
    this.#groups = optimiserGroups(options.model, options.phase);
    this.#state = state.phase === options.phase ? state : beginPhase(state, options.phase, this.#groups);
    this.#model = new Map(this.#state.model);
    this.#steps = this.#state.steps;
    this.#carried = new Map(this.#state.gradients);
  }

  /** The state as it was given, at the beginning of the phase. */
  get begun(): TrainingState {
    return this.#state;
  }

  /**
   * Adds the gradients of a micro-batch to those that wait, and moves running statistics.
   *
   * @throws {LossError} when the loss is not finite.
   */
  async microBatch({ x, labels, extra = {} }: TrainingBatch): Promise<BatchResult> {
    const loop = await this.#loopFor(x.shape);
    const batch = { ...extra, [BATCH]: x, [LABELS]: labels };
    const results = await loop.resident.step(plainInputs(loop, batch, this.#model));
    const terms = Object.fromEntries(termsAmong(results).map(([name, { data }]) => [name, Number(data[0])]));
    if (!Number.isFinite(terms.loss)) {
      throw new LossError(
        `the loss of a batch is ${terms.loss} (${
          JSON.stringify(terms)
        }); lower the learning rates or look for ` +
          "values in the batch that are no numbers",
      );
    }
    return { terms, logits: results[LOGITS] as HostTensor<"float32"> };
  }

  /** One step from the gradients that wait; then none do. */
  async step(rates: Readonly<Record<string, number>>): Promise<void> {
    const gradients = await this.#gradients();
    this.#stepLoop ??= await this.#openStep();
    const inputs = new Map(gradients);
    this.#steps++;
    for (const group of this.#groups) {
      const lr = rates[group.name];
      if (lr === undefined) {
        throw new RangeError(`the group "${group.name}" has no learning rate among ${Object.keys(rates)}`);
      }
      for (const [name, value] of scalarInputs(group, lr, this.#steps)) inputs.set(name, value);
    }
    await this.#stepLoop.resident.step(Object.fromEntries(inputs));
    const moved = await this.#stepLoop.resident.read(this.#groups.flatMap(({ parameters }) => parameters));
    for (const [name, value] of moved) this.#model.set(name, value);
    await this.clearGradients();
  }

  /** Forgets the gradients that wait. */
  async clearGradients(): Promise<void> {
    const names = [...(await this.#gradients()).keys()];
    const zeros = new Map(names.map((name) => [name, zerosOf(this.#carriedShape(name))]));
    if (this.#active) this.#active.resident.write(zeros);
    else for (const [name, value] of zeros) this.#carried.set(name, value);
  }

  /** The model's state dictionary as it is now. */
  async model(): Promise<Map<string, HostTensor>> {
    const current = new Map(this.#model);
    for (const [name, value] of await this.#held()) if (current.has(name)) current.set(name, value);
    return current;
  }

  /** The training's state as it is now, but for what epochs add to it. */
  async state(): Promise<TrainingState> {
    const optimiser = new Map(this.#state.optimiser);
    if (this.#stepLoop) {
      const kept = await this.#stepLoop.resident.read([...optimiser.keys()]);
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
    await this.#stepLoop?.resident.release();
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
    const parameters = this.#groups.flatMap((group) => group.parameters);
    const { program, feedback } = gradientProgram(model, phase, parameters, shape, accumulate);
    const state = new Map(
      [...feedback.values()].map((name) => [name, held.get(name) ?? this.#model.get(name)!]),
    );
    return loopOf(program, feedback, await openResident(program, { ...options, feedback, state }));
  }

  async #openStep(): Promise<Loop> {
    const { model, phase, accumulate: _, ...options } = this.#options;
    const { program, feedback } = stepProgram(model, phase, this.#groups);
    const state = new Map([...this.#model, ...this.#state.optimiser]);
    return loopOf(program, feedback, await openResident(program, { ...options, feedback, state }));
  }

  /** What micro-batches have changed: gradients, and statistics once one has been run. */
  async #held(): Promise<Map<string, HostTensor>> {
    return this.#active ? await this.#active.resident.read() : this.#carried;
  }

  async #gradients(): Promise<Map<string, HostTensor>> {
    const names = this.#groups.flatMap(({ parameters }) => parameters.map(gradientName));
    if (this.#active) return await this.#active.resident.read(names);
    return new Map(names.map((name) => [name, this.#carried.get(name)!]));
  }

  #carriedShape(name: string): readonly number[] {
    return this.#carried.get(name)!.shape;
  }
}

/** A resident program and the inputs that it must be given with every batch. */
interface Loop {
  readonly resident: Resident;
  readonly plain: readonly string[];
}

function loopOf(program: Program, feedback: ReadonlyMap<string, string>, resident: Resident): Loop {
  const fed = new Set(feedback.values());
  return {
    resident,
    plain: [...program.inputs.keys()].filter((name) => !fed.has(name)),
  };
}

function plainInputs(
  { plain }: Loop,
  batch: Readonly<Record<string, HostTensor>>,
  state: ReadonlyMap<string, HostTensor>,
): Record<string, HostTensor> {
  return Object.fromEntries(plain.map((name) => [name, batch[name] ?? state.get(name)!]));
}

/** The given images of a batch. */
export function rowsOfBatch({ x, labels }: TrainingBatch, rows: readonly number[]): TrainingBatch {
  const shape = x.shape.slice(1);
  const size = elementCount(shape);
  const values = new Float32Array(rows.length * size);
  rows.forEach((row, i) => values.set(x.data.subarray(row * size, (row + 1) * size), i * size));
  const classes = BigInt64Array.from(rows, (row) => labels.data[row]);
  return {
    x: float32([rows.length, ...shape], values),
    labels: { ...labels, shape: [rows.length], data: classes },
  };
}
