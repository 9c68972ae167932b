/** Projects a model's prototypes on the images of one pass. */

import type { Fidelity } from "../../fidelity.ts";
import { requireFinite } from "../../nn/finite.ts";
import type { Parameters } from "../../nn/parameters.ts";
import { ProgramCache } from "../../runtime/program_cache.ts";
import type { SessionOptions } from "../../runtime/session_options.ts";
import { type Program, program } from "../../tensor/graph.ts";
import type { HostTensor } from "../../tensor/host_tensor.ts";
import type { Tensor } from "../../tensor/op.ts";
import { input } from "../../tensor/ops/source.ts";
import { min } from "../../tensor/ops/order.ts";
import type { ProjectableModel } from "../prototypes/prototype_model.ts";
import { PROTOTYPES } from "../prototypes/head.ts";
import { BATCH, stateInputs } from "../training/step/batch_programs.ts";
import { type Batches, labelsOf } from "../training/loop/epoch.ts";
import { Projection, type ProjectionBatch, type PrototypeSource } from "./projection.ts";

/** The candidates of one batch, and the distances of each image's nearest candidates. */
export interface CandidateBatch extends ProjectionBatch {
  /** [N, P]: squared distance of every image's nearest candidate to every prototype */
  readonly minDistances: HostTensor<"float32">;
}

/**
 * Computes the candidates of batches in evaluation mode.
 *
 * @throws {NotFiniteError} if one of their vectors or distances is not finite.
 */
export async function* candidatesOf(
  model: ProjectableModel,
  state: Parameters,
  batches: Batches,
  options: SessionOptions = {},
): AsyncGenerator<CandidateBatch> {
  const programs = new ProgramCache(options);
  let images = 0;
  try {
    for await (const batch of batches) {
      const results = await programs.run(
        batch.x.shape.join(),
        () => candidatesProgram(model, batch.x.shape),
        { [BATCH]: batch.x },
        state,
      ) as Record<string, HostTensor<"float32">>;
      requireFinite(
        Object.entries(results),
        `projection, images ${images} to ${images + batch.labels.data.length - 1}`,
        "prototypes can't be projected on such vectors: lower the learning rates of the previous phase",
      );
      images += batch.labels.data.length;
      const { vectors, distances, minDistances } = results;
      yield { vectors, distances, minDistances, labels: labelsOf(batch) };
    }
  } finally {
    await programs.release();
  }
}

/**
 * The number of columns of the map whose positions are a model's candidates; undefined if these are views.
 *
 * @param shape the shape of a batch
 */
export function candidateColumns(model: ProjectableModel, shape: readonly number[]): number | undefined {
  const context = { state: stateInputs(model), training: false, updated: new Map<string, Tensor>() };
  return model.candidates(input(BATCH, "float32", shape), context).width;
}

/**
 * The program that computes the candidates of a batch of `shape`, and the distances of each image's nearest
 * candidates.
 */
function candidatesProgram(model: ProjectableModel, shape: readonly number[]): Program {
  const context = { state: stateInputs(model), training: false, updated: new Map<string, Tensor>() };
  const { vectors, distances } = model.candidates(input(BATCH, "float32", shape), context);
  return program({ vectors, distances, minDistances: min(distances, 1).values });
}

/** Prototypes whose classes have no images. */
export class ProjectionError extends Error {
  override readonly name = "ProjectionError";

  /**
   * @param labels the classes without images
   * @param prototypes the number of prototypes of these classes
   */
  constructor(readonly labels: readonly number[], prototypes: number) {
    super(
      `${prototypes} prototypes can't be projected: the training set has no image of class ` +
        `${labels.slice(0, 10).join(", ")}${labels.length > 10 ? ", …" : ""} (counted from 0)`,
    );
  }
}

export interface Projected {
  /** The model's state with the projected prototypes. */
  readonly state: Parameters;
  /** The sources, in the order in which they were first found. */
  readonly sources: readonly PrototypeSource[];
}

/**
 * Replaces every prototype by a vector of its class; see {@link Projection}.
 *
 * @param batches the training images in order, not augmented
 * @throws {ProjectionError} if a class with prototypes has no image in `batches`.
 */
export async function project(
  model: ProjectableModel,
  state: Parameters,
  batches: Batches,
  fidelity: Fidelity,
  options: SessionOptions = {},
): Promise<Projected> {
  const projection = new Projection(model.prototypeClasses, fidelity);
  for await (const batch of candidatesOf(model, state, batches, options)) projection.add(batch);
  const found = new Set(projection.sources.map(({ prototype }) => prototype));
  const without = model.prototypeClasses.flatMap((label, prototype) => found.has(prototype) ? [] : [label]);
  if (without.length > 0) throw new ProjectionError([...new Set(without)], without.length);
  const prototypes = projection.prototypes(state.get(PROTOTYPES)!);
  return { state: new Map([...state, [PROTOTYPES, prototypes]]), sources: projection.sources };
}
