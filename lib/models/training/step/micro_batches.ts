/**
 * The programs of a phase for micro-batches, one for each form of batches. Gradients and running statistics are held by the
 * one that ran last, and move to the next.
 */

import { gradientName } from "../../../nn/optim/accumulation.ts";
import type { Phase } from "../../../nn/optim/phases.ts";
import type { Loan } from "../../../runtime/lent.ts";
import { openLoan, openResident, type Resident } from "../../../runtime/open_resident.ts";
import type { Room } from "../../../runtime/room.ts";
import type { SessionOptions } from "../../../runtime/session_options.ts";
import { elementCount, float32, type HostTensor } from "../../../tensor/host_tensor.ts";
import { peakBytes } from "../../../tensor/memory.ts";
import type { PrototypeModel } from "../../prototypes/prototype_model.ts";
import type { TrainingState } from "../state/training_state.ts";
import { gradientProgram } from "./batch_programs.ts";
import { type BatchForm, formOfBatch, type LevelBatch, type TrainingBatch } from "./training_batch.ts";

export interface MicroBatchOptions {
  readonly model: PrototypeModel;
  readonly phase: Phase;
  /** The parameters that the phase trains. */
  readonly moved: readonly string[];
  /** Micro-batches per step. */
  readonly accumulate: number;
  readonly room: Room;
  readonly session: SessionOptions;
}

export class MicroBatches {
  readonly #options: MicroBatchOptions;
  readonly #state: TrainingState;
  readonly #loops = new Map<string, Loop>();
  #active: Loop | undefined;
  /** The tensors of the model that the phase does not change. */
  #fixed: { readonly loan: Loan; release(): Promise<void> } | undefined;
  /** The tensors that micro-batches change, while no program holds them. */
  #carried: Map<string, HostTensor>;
  #zeros: ReadonlyMap<string, HostTensor> | undefined;

  /** @param state the state before the first micro-batch */
  constructor(state: TrainingState, options: MicroBatchOptions) {
    this.#state = state;
    this.#options = options;
    this.#carried = new Map(state.gradients);
  }

  /** Makes the program for batches of this form the one that holds gradients and statistics. */
  async loopFor(batch: TrainingBatch | LevelBatch): Promise<Loop> {
    const form = formOfBatch(batch);
    const known = this.#loops.get(form.key);
    if (known && known === this.#active) return known;
    const loop = known ?? await this.#openLoop(form);
    if (known) known.resident.write(await this.changed());
    this.#loops.set(form.key, loop);
    return this.#active = loop;
  }

  /** The fixed tensors of the model, which are the same for every form of batches. */
  async fixedFor(program: LoopNames): Promise<Loan> {
    this.#fixed ??= await this.#openFixed(program);
    return this.#fixed.loan;
  }

  async #openLoop({ key, shape, colors }: BatchForm): Promise<Loop> {
    const { model, phase, moved, accumulate, room, session } = this.#options;
    const { program: whole, feedback } = gradientProgram(model, phase, moved, shape, accumulate, colors);
    const program = room.fit(whole);
    const close = () => this.#closeLoop(key);
    await room.take(peakBytes(program), close);
    const held = await this.changed();
    const fedBack = new Set(feedback.values());
    const state = new Map([...fedBack].map((name) => [name, held.get(name) ?? this.#state.model.get(name)!]));
    const resident = await openResident(program, { ...session, feedback, state });
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

  #openFixed({ inputs, fedBack }: LoopNames): Promise<{ loan: Loan; release(): Promise<void> }> {
    const moved = new Set(this.#options.moved);
    const fixed = [...this.#state.model].filter(([name]) =>
      inputs.has(name) && !moved.has(name) && !fedBack.has(name)
    );
    return openLoan(new Map(fixed), this.#options.session);
  }

  /** The tensors that micro-batches have changed: gradients, and statistics after the first micro-batch. */
  async changed(): Promise<ReadonlyMap<string, HostTensor>> {
    return this.#active ? await this.#active.resident.read() : this.#carried;
  }

  /** Copies of the accumulated gradients, by {@link gradientName}. */
  async gradients(): Promise<Map<string, HostTensor>> {
    if (this.#active) return await this.#active.resident.read(this.gradientNames);
    return new Map(this.gradientNames.map((name) => [name, this.#carried.get(name)!]));
  }

  /** Named tensors that micro-batches change: where they lie, or copies if no program holds them. */
  held(
    names: Iterable<string>,
  ): { readonly lent: readonly Loan[]; readonly given: Record<string, HostTensor> } {
    if (this.#active) return { lent: [this.#active.resident.lend(names)], given: {} };
    const valueOf = (name: string) => this.#carried.get(name) ?? this.#state.model.get(name)!;
    return { lent: [], given: Object.fromEntries([...names].map((name) => [name, valueOf(name)])) };
  }

  /** Replaces tensors that micro-batches change by copies of `values`. */
  write(values: ReadonlyMap<string, HostTensor>): void {
    if (this.#active) this.#active.resident.write(values);
    else for (const [name, value] of values) this.#carried.set(name, value);
  }

  clearGradients(): void {
    const zeros = this.#zeros ??= sharedZeros(
      this.gradientNames.map((name) => [name, this.#carried.get(name)!.shape]),
    );
    this.write(zeros);
  }

  async release(): Promise<void> {
    for (const loop of this.#loops.values()) {
      this.#options.room.leave(loop.close);
      await loop.resident.release();
    }
    await this.#fixed?.release();
  }

  /** What the gradients are called in programs and in a state. */
  get gradientNames(): string[] {
    return this.#options.moved.map(gradientName);
  }
}

/** The names of a program's inputs. */
export interface LoopNames {
  readonly inputs: ReadonlySet<string>;
  /** Those that outputs are fed back to. */
  readonly fedBack: ReadonlySet<string>;
}

/** A running program for micro-batches of one form. */
export interface Loop extends LoopNames {
  readonly resident: Resident;
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
