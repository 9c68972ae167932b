/** Runs the cases of the suite "projection": push and pruning. */

import type { PrototypeModel } from "../../../lib/models/prototypes/prototype_model.ts";
import { candidatesOf } from "../../../lib/models/training/project.ts";
import { Projection, type PrototypeSource } from "../../../lib/models/training/projection.ts";
import { rowsOfBatch, type TrainingBatch } from "../../../lib/models/training/phase_training.ts";
import {
  keepColumns,
  keepRows,
  keptPrototypes,
  NearestImages,
} from "../../../lib/models/training/pruning.ts";
import { float32, type HostTensor, int64 } from "../../../lib/tensor/host_tensor.ts";
import { type Case, type Outcome, type Runner, tensorOf } from "../case.ts";
import { stateOf } from "../models/model_case.ts";
import { modelOf } from "../models/models.ts";

/** The case's images in batches, in order. */
function batchesOf(testCase: Case): TrainingBatch[] {
  const { batch_size } = testCase.params;
  const all = {
    x: tensorOf(testCase, "in.x") as HostTensor<"float32">,
    labels: tensorOf(testCase, "in.target") as HostTensor<"int64">,
  };
  const rows = Array.from({ length: all.labels.data.length }, (_, i) => i);
  const starts = rows.filter((row) => row % batch_size === 0);
  return starts.map((start) => rowsOfBatch(all, rows.slice(start, start + batch_size)));
}

/** Source images and views as cases have them: −1 for a prototype whose class has no image. */
export function pushTensors(
  model: PrototypeModel,
  sources: readonly PrototypeSource[],
  imageIds: readonly number[],
): Record<string, HostTensor> {
  const count = model.prototypeClasses.length;
  const filled = () => new Array<number>(count).fill(-1);
  const [ids, views, distances] = [filled(), filled(), filled()];
  for (const { prototype, image, candidate, distance } of sources) {
    ids[prototype] = imageIds[image];
    views[prototype] = candidate;
    distances[prototype] = distance;
  }
  return {
    img_id: int64([count], ids),
    mask_index: int64([count], views),
    min_dist: float32([count], distances),
  };
}

const push: Runner = async (testCase): Promise<Outcome> => {
  const { config, fidelity, img_ids, model: name } = testCase.params;
  const model = modelOf(name).build(config, {});
  const state = stateOf(testCase, model);
  const projection = new Projection(model.prototypeClasses, fidelity);
  for await (const batch of candidatesOf(model, state, batchesOf(testCase))) projection.add(batch);
  const found = pushTensors(model, projection.sources, img_ids);
  return {
    tensors: {
      "out.prototype_vectors": projection.prototypes(state.get("prototype_vectors")!),
      ...Object.fromEntries(Object.entries(found).map(([key, value]) => [`out.${key}`, value])),
    },
    values: { recorded_order: projection.sources.map(({ prototype }) => prototype) },
  };
};

const prune: Runner = async (testCase): Promise<Outcome> => {
  const { config, k, threshold, model: name } = testCase.params;
  const model = modelOf(name).build(config, {});
  const state = stateOf(testCase, model);
  const count = model.prototypeClasses.length;
  const nearest = new NearestImages(count, k);
  for await (const { minDistances, labels } of candidatesOf(model, state, batchesOf(testCase))) {
    nearest.add(minDistances, labels);
  }
  const kept = keptPrototypes(nearest.labels, model.prototypeClasses, threshold);
  const identity = kept.flatMap((j) =>
    Array.from({ length: model.classes }, (_, c) => Number(model.prototypeClasses[j] === c))
  );
  return {
    tensors: {
      "out.nearest_labels": int64([count, k], nearest.labels.flat()),
      "out.kept": int64([kept.length], kept),
      "out.class_identity": int64([kept.length, model.classes], identity),
      "out.prototype_vectors": keepRows(state.get("prototype_vectors") as HostTensor<"float32">, kept),
      "out.last_layer.weight": keepColumns(state.get("last_layer.weight") as HostTensor<"float32">, kept),
    },
  };
};

export const runners: Record<string, Runner> = { "projection.push": push, "projection.prune": prune };
