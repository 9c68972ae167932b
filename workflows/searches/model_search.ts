/** The search for the parameters of one row of the study, with the published space, objective and median rule. */
import type { TaskDefinition, WorkflowDefinition } from "protoflow";
import { MODEL_SPACES, PRUNERS, SEARCH_SEED, TRIALS } from "./published_spaces.ts";
import { ACCURACY, MAY_FAIL, medianRule, searchTasks, suggested, trials } from "./search_tasks.ts";
import { DATA_SETS, rowNamed, type StudyRow } from "../study/rows.ts";
import { studyRow } from "../study/study_row.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The phases of training, of which the first two exist for every model. */
const PHASES = ["warm-up", "joint", "fine-tune"] as const;

/** Where each published parameter is among the params of the tasks. */
const PLACES: Readonly<Record<string, readonly (readonly [typeof PHASES[number], string])[]>> = {
  // PIP-Net's weight of the alignment rises over the warm-up.
  warmup_epochs: [["warm-up", "epochs"], ["warm-up", "model.coefs.alignment_epochs"]],
  warm_optimizer_lr: [["warm-up", "learningRate"]],
  "joint_scheduler.step_size": [["joint", "schedule.stepSize"]],
  "joint_optimizer_lr.backbone": [["joint", "model.learningRates.backbone"]],
  "joint_optimizer_lr.add_on_layers": [["joint", "model.learningRates.add_on_layers"]],
  "joint_optimizer_lr.prototype_vectors": [["joint", "model.learningRates.prototype_vectors"]],
  "joint_optimizer_lr.prototype_layers": [["joint", "model.learningRates.prototype_layers"]],
  "joint_optimizer_lr.last_layer": [["joint", "model.learningRates.last_layer"]],
  fine_tune_optimizer_lr: [["fine-tune", "learningRate"]],
  "coefs.decreasing_interval": PHASES.map((phase) => [phase, "model.coefs.decreasing_interval"] as const),
};

/** The name of a row's search: `tune-cub200-protomask-sam2`, `tune-dogs-pipnet-nc`. */
export function searchName({ name, data, model, input }: StudyRow): string {
  return model === "protomask" ? `tune-${data}-protomask-${input}` : `tune-${name}`;
}

/** The search for the row of that name in the study. */
export function modelSearch(rowName: string): WorkflowDefinition {
  const row = rowNamed(rowName);
  const { tasks: all, profiles } = studyRow(rowName);
  const seed = SEARCH_SEED[row.model === "protomask" ? "protomask" : "others"];
  const space = MODEL_SPACES[row.model];
  const trained = trainings(all, row, seed, Object.keys(space));
  const phases = PHASES.filter((phase) => phase in trained);
  const search = searchTasks({
    title: `Search: ${row.title} on ${DATA_SETS[row.data]}`,
    space,
    seed,
    objective: ACCURACY,
    results: { log: phases.map((phase) => `${phase}.log`) },
  });
  const { matrix: _, prp: __, evaluate: ___, ...smoke } = profiles!.smoke;
  return {
    name: searchName(row),
    about: `${row.title} on ${DATA_SETS[row.data]}: ${TRIALS.model} trials of the published space`,
    matrix: { trial: trials(TRIALS.model) },
    tasks: { ...dataTasks(all), ...trained, ...search },
    result: "report.page",
    profiles: {
      smoke: {
        ...smoke,
        matrix: { trial: trials(3) },
        suggest: { sampler: { startupTrials: 2 } },
        ...Object.fromEntries(
          phases.filter((phase) => phase !== "warm-up").map((phase) => [
            `${phase}.stop`,
            { startupTrials: 1, warmupSteps: 1, intervalSteps: 1 },
          ]),
        ),
      },
    },
  };
}

/** All that comes before the training. */
function dataTasks(all: WorkflowDefinition["tasks"]): Record<string, TaskDefinition> {
  const needed = ["data", "masks", "train-views", "test-views", "backbone-weights"];
  return Object.fromEntries(
    Object.entries(all).filter(([name]) =>
      needed.includes(name) || /^(archive|mask)-(?!statistics)/.test(name)
    ),
  );
}

/** The phases and the projection between them, with suggested params. */
function trainings(
  all: WorkflowDefinition["tasks"],
  { model }: StudyRow,
  seed: number,
  searched: readonly string[],
): Record<string, TaskDefinition> {
  const stop = medianRule(PRUNERS[model]);
  const { project } = all;
  const trained = PHASES.filter((phase) => phase in all).map((phase): [string, TaskDefinition] => {
    const task = all[phase];
    const params = searched.reduce<Fields>(
      (params, name) =>
        PLACES[name].filter(([of]) => of === phase)
          .reduce((params, [, path]) => withSuggested(params, path.split("."), name), params),
      { ...task.params, seed },
    );
    return [phase, { ...task, params, mayFail: MAY_FAIL, ...(phase !== "warm-up" && { stop }) }];
  });
  return { ...Object.fromEntries(trained), ...(project && { project }) };
}

/** The params with the suggestion of that name at a path that they have; unchanged where they lack it. */
function withSuggested(params: Fields, [key, ...rest]: readonly string[], name: string): Fields {
  if (!Object.hasOwn(params, key)) return params;
  const part = params[key];
  return {
    ...params,
    [key]: rest.length > 0 ? withSuggested(part as Fields, rest, name) : suggested(name, part),
  };
}
