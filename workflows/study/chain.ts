/** The tasks of one model on its views, from the warm-up to the report. They read data, train-views and test-views. */
import { axis, type Params, type TaskDefinition } from "protoflow";
import { explanationStages, imageReportStage, onOneCore } from "./stages.ts";

/** Params of a kind without the seed, which is an axis. */
type Own<Kind extends "warm-up" | "joint" | "project" | "fine-tune"> = Omit<Params<Kind, "seed">, "seed">;

/** The params of each task, and which tasks there are. */
export interface Chain {
  /** How reports call the model. */
  readonly title: string;
  /** The task that downloads the backbone's weights; absent if they come from no file. */
  readonly weights?: string;
  readonly warmUp: Own<"warm-up">;
  readonly joint: Own<"joint">;
  /** Absent if the model's prototypes belong to no class, so that they can't be projected. */
  readonly project?: Own<"project">;
  /** Absent if the model has no such phase; the result of the joint phase is evaluated then. */
  readonly fineTune?: Own<"fine-tune">;
  /** Whether checkpoints are chosen by the accuracy on the test views; otherwise the last ones are kept. */
  readonly selectsOnTest: boolean;
  /** For explanation and metrics. */
  readonly fidelity: "reference" | "intended";
  /** Images per batch of the evaluation. */
  readonly evaluatedBatch: number;
  /** The number of cores of each task; by default that of its kind. */
  readonly cores?: 1;
  /** Explain prototypes in only this many training images; in all by default. */
  readonly prototypeImages?: number;
}

type Inputs = NonNullable<TaskDefinition["inputs"]>;

const TRAIN = "train-views.views";

/** The tasks from `warm-up` to `evaluate`. */
export function chain(options: Chain): Record<string, TaskDefinition> {
  const tasks = tasksOf(options);
  return options.cores === 1 ? onOneCore(tasks) : tasks;
}

function tasksOf(options: Chain): Record<string, TaskDefinition> {
  const { weights, warmUp, joint, project, fineTune, fidelity, evaluatedBatch, prototypeImages } = options;
  const seed = axis("seed");
  const heldOut: Inputs = options.selectsOnTest ? { validation: "test-views.views" } : {};
  const { prp, "prototype-prp": prototypePrp, evaluate } = explanationStages(fidelity, endOf(options));
  return {
    "warm-up": {
      kind: "warm-up",
      params: { seed, ...warmUp },
      inputs: { views: TRAIN, ...(weights !== undefined && { weights: `${weights}.data` }) },
    },
    joint: {
      kind: "joint",
      params: { seed, ...joint },
      inputs: { state: "warm-up.state", views: TRAIN, ...heldOut },
    },
    ...(project && {
      project: { kind: "project", params: project, inputs: { state: "joint.state", views: TRAIN } },
    }),
    ...(fineTune && {
      "fine-tune": {
        kind: "fine-tune",
        params: { seed, ...fineTune },
        inputs: { state: project ? "project.state" : "joint.state", views: TRAIN, ...heldOut },
      },
    }),
    ...(!project && {
      "prototype-images": {
        kind: "prototype-images",
        params: { seed },
        inputs: { model: prp.inputs.model, views: TRAIN },
      },
    }),
    prp,
    "prototype-prp": {
      ...prototypePrp,
      params: { fidelity, ...(prototypeImages !== undefined && { limit: prototypeImages }) },
    },
    evaluate: { ...evaluate, params: { fidelity, batchSize: evaluatedBatch } },
  };
}

/** The report on the tasks of a chain. */
export function chainReport(options: Chain, title: string): TaskDefinition {
  return imageReportStage(title, options.title, endOf(options));
}

function endOf({ fineTune, project }: Chain) {
  return {
    evaluated: fineTune ? "fine-tune" : "joint",
    sources: project ? "project" : "prototype-images",
  } as const;
}
