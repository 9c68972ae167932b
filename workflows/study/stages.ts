/** The stages after training that all workflows of models share: explanation, evaluation and the report. */
import { type AxisRef, each } from "protoflow";

/** The tasks whose results are explained and reported. */
interface Tasks<Evaluated extends string, Sources extends string> {
  /** The phase whose model is evaluated. */
  readonly evaluated: Evaluated;
  /** The task that lists the images which prototypes stand for. */
  readonly sources: Sources;
}

/** The tasks of models whose prototypes are projected. */
const PROJECTED = { evaluated: "fine-tune", sources: "project" } as const;

/**
 * The stages of explanation and evaluation, which read the tasks data, train-views, test-views and those named.
 * `fidelity` applies to PRP and the metrics.
 */
export function explanationStages<
  const F extends "reference" | "intended" | AxisRef,
  const E extends string = "fine-tune",
  const S extends string = "project",
>(fidelity: F, { evaluated, sources }: Tasks<E, S> = PROJECTED as unknown as Tasks<E, S>) {
  const model = `${evaluated}.model` as const;
  return {
    prp: { kind: "prp", params: { fidelity }, inputs: { model, views: "test-views.views" } },
    "prototype-prp": {
      kind: "prp",
      params: { fidelity },
      inputs: { model, views: "train-views.views", sources: `${sources}.prototypes` as const },
    },
    evaluate: {
      kind: "evaluate",
      params: { fidelity },
      inputs: { data: "data.data", views: "test-views.views", model, saliency: "prp.saliency" },
    },
  } as const;
}

/**
 * The tasks, each on one core: one thread trains a small network faster than two, and seeds and rows run side by side.
 */
export function onOneCore<const Tasks extends Readonly<Record<string, object>>>(
  tasks: Tasks,
): { readonly [Name in keyof Tasks]: Tasks[Name] & { readonly cores: 1 } } {
  const named = Object.entries(tasks).map(([name, task]) => [name, { ...task, cores: 1 }]);
  return Object.fromEntries(named) as ReturnType<typeof onOneCore<Tasks>>;
}

/** The inputs of a report on masks. */
export const ofMasks = {
  masks: ["masks.masks"],
  maskStatistics: ["mask-statistics.statistics"],
} as const;

/** The report over all seeds, on the stages of explanation and the statistics of masks. */
export function reportStage(title: string) {
  const { inputs, ...report } = imageReportStage(title, "ProtoMask", PROJECTED);
  return { ...report, inputs: { ...inputs, ...ofMasks } } as const;
}

/** The report over all seeds of a model that sees no masks. */
export function imageReportStage<const E extends string, const S extends string>(
  title: string,
  model: string,
  { evaluated, sources }: Tasks<E, S>,
) {
  return {
    kind: "report",
    params: { title, model },
    inputs: {
      data: "data.data",
      trainViews: "train-views.views",
      testViews: "test-views.views",
      logs: each(`${evaluated}.log`, "seed"),
      evaluations: each("evaluate.evaluation", "seed"),
      prototypes: each(`${sources}.prototypes`, "seed"),
      prototypeSaliency: each("prototype-prp.saliency", "seed"),
      saliency: each("prp.saliency", "seed"),
    },
  } as const;
}
