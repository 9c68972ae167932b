/** `verify`: is the store what its digests say, and is a workflow complete? */

import { FlowError } from "../errors.ts";
import { type PlannedTask, reasonsOf } from "../plan/plan.ts";
import { count } from "../display/format.ts";
import { print, printJson } from "../display/terminal.ts";
import { planFetched } from "./fetched.ts";
import { WOULD } from "./one_task.ts";
import { PlacedFolder } from "./placed_folder.ts";
import { resultFolder } from "./result.ts";
import {
  type CommonOptions,
  openStore,
  type OpenWorkflow,
  openWorkflow,
  type Project,
} from "./open_workflow.ts";

export interface VerifyOptions extends CommonOptions {
  readonly frozen?: boolean;
  /** The tasks to run again; `true` for all of the workflow. */
  readonly rebuild?: true | readonly string[];
  /** The tasks to run again under strace; `true` for all of the workflow. */
  readonly trace?: true | readonly string[];
  /** How many of the tasks to run again are taken, at random. */
  readonly sample?: number;
  /** What the sample is drawn by. */
  readonly seed?: number;
  /** Whether the figures of its results are compared with published ones. */
  readonly published?: boolean;
}

const DIFFERENT = 3;

export async function verifyCommand(
  project: Project,
  workflowName: string | undefined,
  options: VerifyOptions,
): Promise<number> {
  const again = options.trace ?? options.rebuild;
  if (workflowName === undefined && (options.frozen || again || options.published)) {
    throw new FlowError(
      "usage",
      "--frozen, --rebuild, --trace and --published need a workflow: verify <workflow> --frozen",
    );
  }
  if ((options.sample !== undefined || options.seed !== undefined) && !again) {
    throw new FlowError(
      "usage",
      "--sample and --seed choose tasks of --rebuild or --trace: add one of these",
    );
  }
  if (workflowName === undefined) return await verifyStore(project, options);
  if (again) {
    const { verifyRebuild } = await import("./verify_rebuild.ts");
    const names = again === true ? [] : again;
    const traced = options.trace !== undefined;
    const { sample, seed } = options;
    const chosen = {
      names,
      ...(sample !== undefined && { sample: { size: sample, seed: seed ?? newSeed() } }),
    };
    return await verifyRebuild(project, workflowName, chosen, traced, options) ? 0 : DIFFERENT;
  }
  if (options.published) {
    const { verifyPublished } = await import("./verify_published.ts");
    return await verifyPublished(project, workflowName, options) ? 0 : DIFFERENT;
  }
  return await verifyWorkflow(project, workflowName, options);
}

const newSeed = () => 1 + crypto.getRandomValues(new Uint32Array(1))[0] % 1_000_000;

/** Rehashes everything. */
async function verifyStore(project: Project, options: VerifyOptions): Promise<number> {
  const store = openStore(project, options);
  try {
    const damages = await store.verify();
    if (options.json) printJson(...damages.map((damage) => ({ event: "damage", ...damage })));
    else {
      print(...damages.map(({ what, digest, reason }) => `damaged ${what} ${digest}: ${reason}`));
      const entries = damages.length === 1 ? "1 damaged entry" : `${damages.length} damaged entries`;
      const ill = `${entries} quarantined; the next run rebuilds ${damages.length === 1 ? "it" : "them"}`;
      print(
        damages.length > 0 ? ill : "the store is intact: every record, tree and blob matches its digest",
      );
    }
    return damages.length > 0 ? DIFFERENT : 0;
  } finally {
    store.close();
  }
}

/** The outputs of a workflow's tasks, by digest; with `frozen` they must all be there. */
async function verifyWorkflow(
  project: Project,
  workflowName: string,
  options: VerifyOptions,
): Promise<number> {
  const opened = await openWorkflow(project, workflowName, [], options);
  const { store } = opened;
  try {
    await store.beginUse();
    const damages = await store.verify();
    const planned = await planFetched(opened);
    const missing = planned.filter((action) => action.state !== "kept");
    const edited = await editedResults(opened, planned);
    if (options.json) {
      printJson(...edited.map((folder) => ({ event: "edited-result", folder })));
      printJson(
        ...damages.map((damage) => ({ event: "damage", ...damage })),
        ...missing.map(({ task, state }) => ({ event: "missing", id: task.id, state })),
      );
    } else {
      print(...damages.map(({ what, digest, reason }) => `damaged ${what} ${digest}: ${reason}`));
      print(
        ...missing.slice(0, 20).map((action) => {
          return `${action.task.id} ${WOULD[action.state]}: ${reasonsOf(action).join("; ")}`;
        }),
      );
      print(...edited.map((folder) => `edited: ${folder}; the next run places the result there again`));
      print(`${planned.length - missing.length} of ${count(planned.length, "task")} kept and verified`);
    }
    const isDifferent = damages.length + edited.length > 0;
    return isDifferent || (options.frozen && missing.length > 0) ? DIFFERENT : 0;
  } finally {
    store.close();
  }
}

/** The folders of the workflow's results that are not as they were placed. */
async function editedResults(
  { store, workflow }: OpenWorkflow,
  planned: readonly PlannedTask[],
): Promise<string[]> {
  const edited: string[] = [];
  for (const result of workflow.results) {
    const made = planned.find(({ task }) => task.id === result.task);
    if (made?.state !== "kept") continue;
    const folder = resultFolder(store, workflow, result);
    const { digest } = made.record.outputs[result.output];
    if (await new PlacedFolder(store, folder).isEdited(digest)) edited.push(folder);
  }
  return edited;
}
