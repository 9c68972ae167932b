/** Validation: runs a model over batches without training, and computes means. */

import type { Phase } from "../../../nn/optim/phases.ts";
import { requireFinite } from "../../../nn/finite.ts";
import type { Parameters } from "../../../nn/parameters.ts";
import { ProgramCache } from "../../../runtime/program_cache.ts";
import { Room } from "../../../runtime/room.ts";
import type { SessionOptions } from "../../../runtime/session_options.ts";
import type { Program } from "../../../tensor/graph.ts";
import type { HostTensor } from "../../../tensor/host_tensor.ts";
import { peakBytes } from "../../../tensor/memory.ts";
import type { PrototypeModel } from "../../prototypes/prototype_model.ts";
import { BATCH, LABELS, LOGITS, termsAmong, validationProgram } from "../step/batch_programs.ts";
import { formOfBatch, type LevelBatch, type TrainingBatch } from "../step/training_batch.ts";
import { type Batches, labelsOf, scoresOf } from "./epoch.ts";
import { MeanOfBatches, type Means } from "../state/epoch_record.ts";

/** Validates a model: computes the means of loss terms and unweighted scores. */
export class Validation {
  readonly #model: PrototypeModel;
  readonly #phase: Phase;
  readonly #programs: ProgramCache;
  readonly #room: Room;
  /** By the form of batches, what closes the programs when another needs their room. */
  readonly #open = new Map<string, () => Promise<void>>();

  /**
   * @param phase the phase whose loss is computed
   * @param room the memory for intermediate values; by default there is enough
   */
  constructor(model: PrototypeModel, phase: Phase, options: SessionOptions = {}, room: Room = new Room()) {
    this.#model = model;
    this.#phase = phase;
    this.#programs = new ProgramCache(options);
    this.#room = room;
  }

  /**
   * The means over `batches`, or over the first `limit` of them. Batches are weighted by their size, so the
   * accuracy is that of the whole set.
   *
   * @throws {NotFiniteError} naming a loss term or logit that is not finite.
   * @throws {RangeError} if there are no batches.
   */
  async run(
    state: Parameters,
    batches: Batches<TrainingBatch | LevelBatch>,
    limit = Infinity,
  ): Promise<Means> {
    const means = new MeanOfBatches();
    let done = 0;
    for await (const batch of batches) {
      if (done++ === limit) break;
      const { key, shape, colors } = formOfBatch(batch);
      const build = () => validationProgram(this.#model, this.#phase, shape, colors);
      await this.#makeRoom(key, build);
      const results = await this.#programs.run(
        key,
        build,
        { ...batch.extra, [BATCH]: batch.x, [LABELS]: batch.labels },
        state,
      );
      const place = `validation of the weights, batch ${done}`;
      requireFinite(
        Object.entries(results),
        place,
        "the weights are too large: lower the learning rates",
      );
      const labels = labelsOf(batch);
      const terms = termsAmong(results).map(([name, { data }]) => [name, Number(data[0])] as const);
      const scores = scoresOf(results[LOGITS] as HostTensor<"float32">, labels, { balanced: false });
      means.add({ ...Object.fromEntries(terms), ...scores }, labels.length);
    }
    if (done === 0) throw new RangeError("the validation needs at least one image, but there are none");
    return means.means;
  }

  async #makeRoom(key: string, build: () => Program): Promise<void> {
    if (this.#open.has(key)) return;
    const close = () => this.release();
    await this.#room.take(peakBytes(build()), close);
    this.#open.set(key, close);
  }

  /** Frees the memory of all programs. One that runs afterwards is compiled again. */
  release(): Promise<void> {
    for (const close of this.#open.values()) this.#room.leave(close);
    this.#open.clear();
    return this.#programs.release();
  }
}
