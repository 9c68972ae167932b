/** Runs the cases of the suite "projection": push and pruning. */

import type { ProjectableModel } from "../../../lib/models/prototypes/prototype_model.ts";
import { candidatesOf } from "../../../lib/models/projection/project.ts";
import { Projection, type PrototypeSource } from "../../../lib/models/projection/projection.ts";
import type { TrainingBatch } from "../../../lib/models/training/step/training_batch.ts";
import { prune } from "../../../lib/models/projection/pruning.ts";
import { float32, type HostTensor, int64 } from "../../../lib/tensor/host_tensor.ts";
import { type Case, type Outcome, type Runner, tensorOf } from "../case.ts";
import { stateOf } from "../models/model_case.ts";
import { modelOf } from "../models/models.ts";
import { rowsOfBatch } from "../../models/rows_of_batch.ts";

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

/**
 * Where prototypes come from, as cases have it: −1 for a prototype whose class has no image.
 *
 * @param width of the feature map whose positions are candidates; undefined where they are views
 */
export function pushTensors(
  model: ProjectableModel,
  sources: readonly PrototypeSource[],
  imageIds: readonly number[],
  width?: number,
): Record<string, HostTensor> {
  const count = model.prototypeClasses.length;
  const [ids, distances] = [new Array<number>(count).fill(-1), new Array<number>(count).fill(-1)];
  const places = Array.from({ length: count }, () => width === undefined ? [-1] : [-1, -1, -1, -1]);
  for (const { prototype, image, candidate, distance } of sources) {
    ids[prototype] = imageIds[image];
    distances[prototype] = distance;
    if (width === undefined) places[prototype] = [candidate];
    else {
      const [x, y] = [candidate % width, Math.floor(candidate / width)];
      places[prototype] = [x, y, x + 1, y + 1];
    }
  }
  return {
    img_id: int64([count], ids),
    min_dist: float32([count], distances),
    ...(width === undefined
      ? { mask_index: int64([count], places.flat()) }
      : { patch_index: int64([count, 4], places.flat()) }),
  };
}

const push: Runner = async (testCase): Promise<Outcome> => {
  const { config, fidelity, img_ids, model: name } = testCase.params;
  const model: ProjectableModel = modelOf(name).build(config, {});
  const state = stateOf(testCase, model);
  const projection = new Projection(model.prototypeClasses, fidelity);
  for await (const batch of candidatesOf(model, state, batchesOf(testCase))) projection.add(batch);
  // The backbones of this suite leave maps as they are.
  const width = name === "protomask" ? undefined : config.input_size[2];
  const found = pushTensors(model, projection.sources, img_ids, width);
  const order = projection.sources.map(({ prototype }) => prototype);
  return {
    tensors: {
      "out.prototype_vectors": projection.prototypes(state.get("prototype_vectors")!),
      ...Object.fromEntries(Object.entries(found).map(([key, value]) => [`out.${key}`, value])),
    },
    // The log of ProtoPNet is sorted.
    values: { recorded_order: name === "protomask" ? order : order.toSorted((a, b) => a - b) },
  };
};

const pruned: Runner = async (testCase): Promise<Outcome> => {
  const { config, k, threshold, fidelity, model: name } = testCase.params;
  const model: ProjectableModel = modelOf(name).build(config, {});
  const { prototypeClasses, classes } = model;
  const options = { nearest: k, required: threshold, order: fidelity };
  const { state, kept, nearestLabels } = await prune(
    model,
    stateOf(testCase, model),
    batchesOf(testCase),
    options,
  );
  const identity = kept.flatMap((j) =>
    Array.from({ length: classes }, (_, label) => Number(prototypeClasses[j] === label))
  );
  return {
    tensors: {
      "out.nearest_labels": int64([prototypeClasses.length, k], nearestLabels.flat()),
      "out.kept": int64([kept.length], kept.toSorted((a, b) => a - b)),
      "out.class_identity": int64([kept.length, classes], identity),
      "out.prototype_vectors": state.get("prototype_vectors")!,
      "out.last_layer.weight": state.get("last_layer.weight")!,
    },
  };
};

export const runners: Record<string, Runner> = { "projection.push": push, "projection.prune": pruned };
