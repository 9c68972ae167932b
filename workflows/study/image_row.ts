/** The workflow of a model that sees one view of each image, on a data set that needs no downloads. */
import type { TaskDefinition, WorkflowDefinition } from "protoflow";
import { type Chain, chain, chainReport } from "./chain.ts";
import { ofPresent, type Profile, smokeOf } from "./smoke.ts";
import type { Part } from "./together.ts";

/** The models that see one view of each image. */
export type ImageModel = "pipnet" | "protopnet" | "protopool";

interface ImageRow {
  /** The data set, for a sentence. */
  readonly on: string;
  readonly data: TaskDefinition;
  /** The view: the object's crop, or the whole image. */
  readonly through: "object" | "image";
  /** Width and height of the view in pixels, of a crop and of the whole image. */
  readonly size: Readonly<Record<"object" | "image", number>>;
  readonly seeds: readonly number[];
  readonly options: Chain;
  /** The overrides of the profile `smoke`, also of tasks that the model lacks; or the model, for those of the study. */
  readonly smoke?: Profile | ImageModel;
}

/** The workflow of one model; its result is the report. */
export function imageRow({ on, data, through, size, seeds, options, smoke }: ImageRow): WorkflowDefinition {
  const title = `${options.title} on ${on}`;
  const views = (split: "train" | "test"): TaskDefinition => ({
    kind: "crop-views",
    params: { split, through, width: size[through], height: size[through] },
    inputs: { data: "data.data" },
  });
  const tasks = {
    data,
    "train-views": views("train"),
    "test-views": views("test"),
    ...chain(options),
    report: chainReport(
      through === "object" ? options : { ...options, title: `${options.title} (NC)` },
      title,
    ),
  };
  return {
    name: `${options.title} ${through}`,
    about: title,
    matrix: { seed: seeds },
    tasks,
    result: "report.page",
    ...(smoke && {
      profiles: { smoke: typeof smoke === "string" ? smokeOf(smoke, tasks) : ofPresent(smoke, tasks) },
    }),
  };
}

/** Tasks of ProtoMask's workflow, and those that rows with the same views have in common. */
const SHARED = ["data", "masks", "mask-statistics"];
const OF_VIEWS = ["train-views", "test-views"];

/** The three models with and without crops beside ProtoMask, as the rows of one study. */
export function besideProtoMask(
  protoMask: WorkflowDefinition,
  chains: Readonly<Record<ImageModel, Chain>>,
  row: Omit<ImageRow, "through" | "options" | "smoke"> & { readonly smoke?: Profile | "study" },
): Part[] {
  const part = (name: string, views: string, workflow: WorkflowDefinition): Part => ({
    row: name,
    workflow,
    rename: (task) => SHARED.includes(task) ? task : `${OF_VIEWS.includes(task) ? views : name}-${task}`,
  });
  return [
    part("protomask", "masks", protoMask),
    ...(["pipnet", "protopnet", "protopool"] as const).flatMap((model) => {
      const of = { ...row, options: chains[model], smoke: row.smoke === "study" ? model : row.smoke };
      return [
        part(model, "object", imageRow({ ...of, through: "object" })),
        part(`${model}-nc`, "image", imageRow({ ...of, through: "image" })),
      ];
    }),
  ];
}
