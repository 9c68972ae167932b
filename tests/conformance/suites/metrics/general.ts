/** Conformance of general performance, compactness and the choice of top prototypes. */

import { classLayerCompactness } from "../../../../lib/metrics/compactness/class_layer.ts";
import { localSize } from "../../../../lib/metrics/compactness/local_size.ts";
import { presentPrototypes } from "../../../../lib/metrics/compactness/presence.ts";
import {
  accuracy,
  macroScores,
  predictions,
  topAccuracy,
} from "../../../../lib/metrics/general/classification.ts";
import { rocAuc } from "../../../../lib/metrics/general/roc_auc.ts";
import { balancingWeights } from "../../../../lib/metrics/general/sample_weights.ts";
import { meanOf } from "../../../../lib/metrics/image_values.ts";
import { spatialMaxima, topIndices } from "../../../../lib/metrics/selection.ts";
import { float32 } from "../../../../lib/tensor/host_tensor.ts";
import { type Case, type Outcome, type Runner, tensorOf } from "../../case.ts";
import { multilabelMeanLogits, singleLabelMeanLogits } from "../../reference/mean_logits.ts";
import { multilabelScores } from "../../reference/multilabel.ts";
import { fidelityOf, floats, int64s, numbers, orError, slices } from "./inputs.ts";

export const generalRunners: Record<string, Runner> = {
  "metrics.general": general,
  "metrics.sample_weights": (testCase) => {
    const weights = balancingWeights(numbers(testCase, "in.targets"));
    return { tensors: { "out.weights": float32([weights.length], weights) } };
  },
  "metrics.general_multilabel": (testCase) => {
    const { threshold, balanced } = testCase.params;
    const targets = tensorOf(testCase, "in.targets");
    return { values: { ...multilabelScores(floats(testCase, "in.logits"), targets, threshold, balanced) } };
  },
  "metrics.mean_logits": meanLogits,
  "metrics.compactness": (testCase) => {
    const compactness = classLayerCompactness(floats(testCase, "w.last"), testCase.params.epsilon);
    return {
      values: {
        global_size: compactness.globalSize,
        sparsity: compactness.sparsity,
        npr: compactness.negativePositiveRatio,
      },
    };
  },
  "metrics.pool_global_size": (testCase) => {
    const presence = floats(testCase, "w.presence");
    const size = presentPrototypes(presence, testCase.params.epsilon, fidelityOf(testCase).presence)
      .filter(Boolean).length;
    return { values: { global_size: size } };
  },
  "metrics.local_size": (testCase) => {
    const { threshold } = testCase.params;
    const sizes = slices(floats(testCase, "in.scores")).map(({ data }) => localSize(data, threshold));
    return { tensors: { "out.size": float32([sizes.length], sizes) }, values: { mean: meanOf(sizes) } };
  },
  "metrics.topk": topk,
  "metrics.topk_images": (testCase) => {
    const { shape: [images, prototypes], data } = floats(testCase, "in.scores");
    const { k } = testCase.params;
    const best = Array.from(
      { length: prototypes },
      (_, prototype) =>
        topIndices(Float32Array.from({ length: images }, (_, i) => data[i * prototypes + prototype]), k),
    );
    return { tensors: { "out.images": int64s([prototypes, k], best.flat()) } };
  },
};

function general(testCase: Case): Outcome {
  const { balanced, k } = testCase.params;
  const given = predictions(floats(testCase, "in.logits"), numbers(testCase, "in.targets"), balanced);
  return {
    values: {
      accuracy: accuracy(given),
      topk_accuracy: orError(() => topAccuracy(given, k)),
      ...macroScores(given),
      roc_auc: orError(() => rocAuc(given)),
    },
  };
}

function meanLogits(testCase: Case): Outcome {
  const logits = floats(testCase, "in.logits");
  const targets = tensorOf(testCase, "in.targets");
  const isIntended = testCase.params.fidelity === "intended";
  const means = targets.shape.length === 2
    ? multilabelMeanLogits(logits, targets, isIntended ? "left_out" : "spoil")
    : singleLabelMeanLogits(logits, numbers(testCase, "in.targets"), isIntended ? "classes" : "rows");
  return {
    values: { mean_tp: means.meanPositive, mean_tn: means.meanNegative, threshold: means.threshold },
  };
}

function topk(testCase: Case): Outcome {
  const { k } = testCase.params;
  const scores = spatialMaxima(floats(testCase, "in.maps"));
  const rows = slices(scores);
  const top = rows.map(({ data }) => topIndices(data, k));
  const shape = [rows.length, k];
  const values = top.flatMap((indices, i) => indices.map((index) => rows[i].data[index]));
  return {
    tensors: {
      "out.scores": scores,
      "out.indices": int64s(shape, top.flat()),
      "out.values": float32(shape, values),
    },
    faults: top.flatMap((indices, i) =>
      new Set(indices).size === k ? [] : [`the top prototypes of image ${i} are not distinct: ${indices}`]
    ),
  };
}
