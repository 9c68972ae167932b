/** Conformance of whole techniques, fed image by image from stored answers of a model. */

import type { MetricFidelity } from "../../../../lib/metrics/fidelity.ts";
import { spatialMaxima, topIndices } from "../../../../lib/metrics/selection.ts";
import { compactness, LocalSize } from "../../../../lib/metrics/techniques/compactness.ts";
import { Complexity, COMPLEXITY_METRICS } from "../../../../lib/metrics/techniques/complexity.ts";
import { Continuity, CONTINUITY_METRICS } from "../../../../lib/metrics/techniques/continuity.ts";
import { Contrastivity, CONTRASTIVITY_METRICS } from "../../../../lib/metrics/techniques/contrastivity.ts";
import { GENERAL_METRICS, generalPerformance } from "../../../../lib/metrics/techniques/general.ts";
import {
  OUTPUT_COMPLETENESS_METRICS,
  OutputCompleteness,
} from "../../../../lib/metrics/techniques/output_completeness.ts";
import type { HostTensor } from "../../../../lib/tensor/host_tensor.ts";
import type { Case, Outcome, Runner } from "../../case.ts";
import { objectMasks, partSlots } from "./complexity.ts";
import { fidelityOf, floats, grid, numbers, slices } from "./inputs.ts";

export const techniqueRunners: Record<string, Runner> = {
  "metrics.technique_general": (testCase) => ({
    values: generalPerformance(
      floats(testCase, "in.logits"),
      numbers(testCase, "in.targets"),
      GENERAL_METRICS,
      testCase.params.balanced,
    ),
  }),
  "metrics.technique_compactness": techniqueCompactness,
  "metrics.technique_contrastivity": techniqueContrastivity,
  "metrics.technique_complexity": techniqueComplexity,
  "metrics.technique_continuity": techniqueContinuity,
  "metrics.technique_output_completeness": techniqueOutputCompleteness,
};

function techniqueCompactness(testCase: Case): Outcome {
  const { threshold, epsilon, averaging, batch_size } = testCase.params;
  const sizes = new LocalSize();
  for (const maps of slices(floats(testCase, "in.similarity"))) {
    sizes.add(spatialMaxima(maps).data, threshold);
  }
  return {
    values: { ...compactness(floats(testCase, "w.last"), epsilon), ...sizes.results(averaging, batch_size) },
  };
}

function techniqueContrastivity(testCase: Case): Outcome {
  const similarity = slices(floats(testCase, "in.similarity"));
  const saliency = slices(floats(testCase, "in.saliency"));
  const features = slices(floats(testCase, "in.features"));
  const labels = numbers(testCase, "in.labels");
  const technique = new Contrastivity({
    ...options(testCase),
    metrics: CONTRASTIVITY_METRICS,
    classes: testCase.params.classes,
    prototypes: floats(testCase, "in.prototypes"),
  });
  topOf(testCase, similarity).forEach((top, i) =>
    technique.add({
      top,
      label: labels[i],
      saliency: saliency[i],
      similarity: similarity[i],
      features: features[i],
    })
  );
  return { values: technique.results() };
}

function techniqueComplexity(testCase: Case): Outcome {
  const similarity = slices(floats(testCase, "in.similarity"));
  const saliency = slices(floats(testCase, "in.saliency"));
  const objects = objectMasks(testCase);
  const parts = partSlots(testCase);
  const technique = new Complexity({
    ...options(testCase),
    metrics: COMPLEXITY_METRICS,
    prototypes: similarity[0].shape[0],
  });
  topOf(testCase, similarity).forEach((top, i) =>
    technique.add({ top, saliency: saliency[i], object: objects[i], parts: parts[i] })
  );
  return { values: technique.results() };
}

function techniqueContinuity(testCase: Case): Outcome {
  const inputs = (name: string) => slices(floats(testCase, name));
  const [before, after] = [["similarity", "saliency1", "logits1"], ["similarity2", "saliency2", "logits2"]]
    .map((names) => names.map((name) => inputs(`in.${name}`)));
  const parts = inputs("in.parts");
  const technique = new Continuity({ ...options(testCase), metrics: CONTINUITY_METRICS });
  topOf(testCase, before[0]).forEach((top, i) => {
    const answer = ([similarity, saliency, logits]: HostTensor<"float32">[][]) => ({
      similarity: similarity[i],
      saliency: saliency[i],
      logits: logits[i].data,
    });
    technique.add({ top, before: answer(before), after: answer(after), parts: parts[i] });
  });
  return { values: technique.results() };
}

function techniqueOutputCompleteness(testCase: Case): Outcome {
  const similarity = slices(floats(testCase, "in.similarity"));
  const saliency = slices(floats(testCase, "in.saliency"));
  const similarity2 = grid(floats(testCase, "in.similarity2"));
  const saliency2 = grid(floats(testCase, "in.saliency2"));
  const technique = new OutputCompleteness({ ...options(testCase), metrics: OUTPUT_COMPLETENESS_METRICS });
  const images = topOf(testCase, similarity).map((top, i) => ({
    top,
    similarity: similarity[i],
    saliency: saliency[i],
    perturbed: top.map((_, rank) => ({ similarity: similarity2[rank][i], saliency: saliency2[rank][i] })),
  }));
  const { batch_size } = testCase.params;
  for (let start = 0; start < images.length; start += batch_size) {
    technique.addBatch(images.slice(start, start + batch_size));
  }
  return { values: technique.results() };
}

function topOf(testCase: Case, similarity: readonly HostTensor<"float32">[]): number[][] {
  return similarity.map((maps) => topIndices(spatialMaxima(maps).data, testCase.params.k));
}

/** Cases spell their fidelity out; peaks are the reference's, which differ only for maps of other shapes. */
function options(testCase: Case) {
  const { params } = testCase;
  const preset = fidelityOf(testCase);
  const fidelity: MetricFidelity = {
    ...preset,
    peak: "height",
    averaging: params.averaging ?? preset.averaging,
    sparse: params.sparse ?? preset.sparse,
    consistencyMap: params.consistency_map ?? preset.consistencyMap,
    boxIntersection: params.box_intersection ?? preset.boxIntersection,
    unusedParts: params.unused_parts ?? preset.unusedParts,
    perturbedMasks: params.perturbed_masks ?? preset.perturbedMasks,
  };
  return { boxes: params.boxes, saliency: params.saliency, batchSize: params.batch_size, fidelity };
}
