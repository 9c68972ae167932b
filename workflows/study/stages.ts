/** The stages after training that all ProtoMask workflows share: explanation, evaluation and the report. */
import { type AxisRef, each } from "protoflow";

/**
 * The stages of explanation and evaluation, which read the tasks data, train-views, test-views, project and
 * fine-tune. `fidelity` applies to PRP and the metrics.
 */
export function explanationStages<const F extends "reference" | "intended" | AxisRef>(fidelity: F) {
  return {
    prp: {
      kind: "prp",
      params: { fidelity },
      inputs: { model: "fine-tune.model", views: "test-views.views" },
    },
    "prototype-prp": {
      kind: "prp",
      params: { fidelity },
      inputs: { model: "fine-tune.model", views: "train-views.views", sources: "project.prototypes" },
    },
    evaluate: {
      kind: "evaluate",
      params: { fidelity },
      inputs: {
        data: "data.data",
        views: "test-views.views",
        model: "fine-tune.model",
        saliency: "prp.saliency",
      },
    },
  } as const;
}

/** The report over all seeds. */
export function reportStage(title: string) {
  return {
    kind: "report",
    params: { title },
    inputs: {
      data: "data.data",
      trainViews: "train-views.views",
      testViews: "test-views.views",
      maskStatistics: ["mask-statistics.statistics"],
      logs: each("fine-tune.log", "seed"),
      evaluations: each("evaluate.evaluation", "seed"),
      prototypes: each("project.prototypes", "seed"),
      prototypeSaliency: each("prototype-prp.saliency", "seed"),
      saliency: each("prp.saliency", "seed"),
    },
  } as const;
}
