/** Conformance of the metrics of contrastivity. */

import { activationEntropy } from "../../../../lib/metrics/contrastivity/entropy.ts";
import {
  intraActivationChange,
  intraBoxChange,
  intraMaskChange,
  intraPeakDistance,
} from "../../../../lib/metrics/contrastivity/intra.ts";
import {
  InterClassDistance,
  intraVectorDistance,
  peakFeatures,
} from "../../../../lib/metrics/contrastivity/vectors.ts";
import { float32 } from "../../../../lib/tensor/host_tensor.ts";
import type { Case, Outcome, Runner } from "../../case.ts";
import { boxGrid, fidelityOf, floats, maskStack, numbers, orError, slices } from "./inputs.ts";

export const contrastivityRunners: Record<string, Runner> = {
  "metrics.intra_mask_change": (testCase) => {
    return perImage("change", slices(maskStack(testCase, "in.masks")).map(intraMaskChange));
  },
  "metrics.intra_box_change": (testCase) => {
    return perImage("change", boxGrid(testCase, "in.boxes").map(intraBoxChange));
  },
  "metrics.intra_activation_change": (testCase) => {
    return refusable("change", () => slices(floats(testCase, "in.maps")).map(intraActivationChange));
  },
  "metrics.intra_peak_distance": (testCase) => {
    const { peak } = fidelityOf(testCase);
    return perImage(
      "distance",
      slices(floats(testCase, "in.maps")).map((maps) => intraPeakDistance(maps, peak)),
    );
  },
  "metrics.feature_vectors": (testCase) => {
    const features = slices(floats(testCase, "in.features"));
    const found = slices(floats(testCase, "in.maps")).map((maps, i) => peakFeatures(maps, features[i]));
    const data = Float32Array.from(found.flatMap((one) => [...one.data]));
    return { tensors: { "out.vectors": float32([found.length, ...found[0].shape], data) } };
  },
  "metrics.intra_vector_distance": (testCase) => {
    return perImage("distance", slices(floats(testCase, "in.vectors")).map(intraVectorDistance));
  },
  "metrics.inter_class_distance": interClass,
  "metrics.activation_entropy": (testCase) => {
    const scores = floats(testCase, "in.scores");
    const columns = Array.from(
      { length: scores.shape[1] },
      (_, p) => Float32Array.from(slices(scores), ({ data }) => data[p]),
    );
    const { bins } = testCase.params;
    return refusable("entropy", () => columns.map((column) => activationEntropy(column, bins)));
  },
};

function interClass(testCase: Case): Outcome {
  const distance = new InterClassDistance(testCase.params.classes);
  const labels = numbers(testCase, "in.labels");
  slices(floats(testCase, "in.vectors")).forEach((vectors, i) => distance.add(vectors, labels[i]));
  return { ...perImage("distance", distance.perClass()), values: { mean: distance.mean() } };
}

function perImage(name: string, values: readonly number[]): Outcome {
  return { tensors: { [`out.${name}`]: float32([values.length], values) } };
}

function refusable(name: string, compute: () => number[]): Outcome {
  const values = orError(compute);
  return values === "error" ? { values: { [name]: values } } : perImage(name, values);
}
