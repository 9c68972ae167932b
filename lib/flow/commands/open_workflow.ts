/** Shared by all commands: command line options, the store, and a loaded workflow. */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ExpandedTask, ExpandedWorkflow } from "../definition/expanded.ts";
import { checkDevices, DEFAULT_RUNTIME, parseDevices } from "../resources/device_choice.ts";
import type { ExpectedLauncher } from "../isolation/expected_launcher.ts";
import type { KindRegistry } from "../kind.ts";
import type { ComputeOptions } from "../key/compute.ts";
import type { TaskResolver } from "../plan/task_resolver.ts";
import type { History } from "../history/history.ts";
import type { RecalledPlan } from "../snapshot/recall.ts";
import { readFolder } from "../../system/read_folder.ts";
import { FlowError } from "../errors.ts";
import { settingsFiles } from "../definition/settings_file.ts";
import type { SharedCache } from "../remote/shared_cache.ts";
import { Store } from "../store/store.ts";
import { MANIFEST_SCHEMA } from "../store/types.ts";
import { userPath } from "../user_path.ts";
import type { CacheOptions } from "./open_shared.ts";
import { sharedCache } from "./shared_cache.ts";
import type { z } from "zod";
import type { WatchedRun } from "../watch/watched_run.ts";

/** Options that several verbs take. */
export interface CommonOptions extends CacheOptions {
  /** Set by verbs that look for a result and run nothing (see `TaskResolverOptions`). */
  readonly unsetAsInLastRun?: boolean;
  readonly store?: string;
  /** See `parseDevices`. */
  readonly device?: string;
  readonly runtime?: string;
  readonly profile?: string;
  readonly set?: readonly string[];
  readonly json?: boolean;
}

/** Where the command line belongs: its project folder, the kinds that its workflows name, and what these compute on. */
export interface Project {
  readonly folder: string;
  /** Names for `--device`. */
  readonly devices: readonly string[];
  readonly registry: () => Promise<KindRegistry>;
  /** What there is beside workflows and kinds, for `list`: by plural, such as `models`. */
  readonly catalogue: () => Promise<Readonly<Record<string, readonly CatalogueEntry[]>>>;
  /** The page that shows a run while it goes on. */
  readonly livePage: () => Promise<LivePage>;
  /** The page that a run writes while it goes on. */
  readonly runningPage: () => Promise<RunningPageText>;
  /** What `new model` writes: a module by the name of the model. */
  readonly newModel: () => Promise<(name: string) => string>;
}

/** Something that a param names. */
export interface CatalogueEntry {
  readonly name: string;
  readonly about: string;
  /** What it takes in turn. */
  readonly params?: z.ZodObject;
}

/** A page that is filled, again and again, by what is seen of a run. */
export interface LivePage {
  /** The text of the page. */
  livePage(): string;
  /** What it shows, as a value for JSON that its script understands. */
  liveParts(seen: WatchedRun): object;
  /** Its Content-Security-Policy. */
  readonly LIVE_POLICY: string;
}

/** A page of what is seen of a run, as a file that is written again and again. */
export interface RunningPageText {
  /**
   * @param made pictures by task, as URLs with their data
   * @param next when it is to be read again, or what is to be opened in its place
   */
  runningPage(
    seen: WatchedRun,
    made: readonly { readonly task: string; readonly pictures: readonly string[] }[],
    written: string,
    next?: { readonly seconds: number; readonly url?: string },
  ): string;
}

/** The folder of the store: `--store`, else `cache/` of the project. */
export function storeFolder(project: Project, options: CommonOptions): string {
  return options.store === undefined ? join(project.folder, "cache") : userPath(options.store);
}

export function openStore(project: Project, options: CommonOptions): Store {
  return Store.open(storeFolder(project, options), `protoflow ${Deno.args.join(" ")}`);
}

/** The parts that planning and running tasks need. */
export interface Planner {
  readonly resolver: TaskResolver;
  readonly history: History;
  readonly compute: ComputeOptions;
  /** Where there is one. */
  readonly shared?: SharedCache;
  readonly calibration: KindRegistry["calibration"];
  /** The folder with the kinds' modules. */
  readonly kindFolder: string;
  /** The files of kinds that are elsewhere. */
  readonly ownKinds: KindRegistry["ownKinds"];
  /** Where the figures of kinds are, by kind. */
  readonly figures: NonNullable<KindRegistry["figures"]>;
  /** Every file that determines the workflow and the code of the kinds used so far. */
  code(): string[];
}

/** A workflow that was loaded from its file. Close the store when done. */
export interface OpenWorkflow extends Planner {
  readonly store: Store;
  readonly workflow: ExpandedWorkflow;
  /** The tasks that were named (all where none was) with all they need. */
  readonly tasks: readonly ExpandedTask[];
}

export async function openWorkflow(
  project: Project,
  workflowName: string,
  taskNames: readonly string[],
  options: CommonOptions,
): Promise<OpenWorkflow> {
  const [{ loadWorkflow }, { workflowFile }, { namedTasks, withUpstream }] = await Promise.all([
    import("../definition/load_workflow.ts"),
    import("../definition/workflow_file.ts"),
    import("../plan/select.ts"),
  ]);
  const { profile, set } = options;
  const kinds = await kindsOf(project, workflowFile(workflowName));
  const workflow = await loadWorkflow(workflowName, kinds, { profile, set });
  checkDevices(parseDevices(options.device, project.devices), workflow, project.devices);
  const tasks = withUpstream(workflow, namedTasks(workflow, taskNames));
  const store = openStore(project, options);
  return { store, workflow, tasks, ...await openPlanner(project, store, workflow, options) };
}

/** The kinds that the workflow at the absolute path `file` may name: those of the project, and its own. */
export async function kindsOf(project: Project, file: string): Promise<KindRegistry> {
  const [registry, { withOwnKinds }] = await Promise.all([
    project.registry(),
    import("../definition/own_kinds.ts"),
  ]);
  return withOwnKinds(registry, file);
}

async function openPlanner(
  project: Project,
  store: Store,
  workflow: Omit<ExpandedWorkflow, "tasks">,
  options: CommonOptions,
  recalled?: RecalledPlan,
): Promise<Planner> {
  const [{ History }, { TaskResolver }, { knowKind }] = await Promise.all([
    import("../history/history.ts"),
    import("../plan/task_resolver.ts"),
    import("../plan/know_kind.ts"),
  ]);
  const registry = await kindsOf(project, workflow.file);
  const { profile } = workflow.overrides;
  const history = new History(store.folder, workflow.name, { profile, device: options.device });
  const compute: ComputeOptions = {
    devices: parseDevices(options.device, project.devices),
    runtime: options.runtime ?? DEFAULT_RUNTIME,
    demands: registry.demands ?? {},
  };
  const kindFolder = fileURLToPath(registry.folder);
  const shared = await sharedCache(store, workflow.file, options);
  const code = new Set(
    recalled
      ? recalled.snapshot.columns.code.paths.all()
      : [...workflow.modules, ...engineFiles(project, kindFolder), ...settingsFiles(workflow.file)],
  );
  const resolver = new TaskResolver({
    workflow,
    store,
    history,
    compute,
    shared,
    recalled,
    unsetAsInLastRun: options.unsetAsInLastRun,
    async loadKind(name, models) {
      const kind = await knowKind(name, registry, store.folder, recalled?.kinds[name], models);
      for (const file of kind.files) code.add(file);
      return kind;
    },
  });
  const { figures = {}, calibration, ownKinds } = registry;
  return {
    resolver,
    history,
    compute,
    shared,
    calibration,
    kindFolder,
    ownKinds,
    figures,
    code: () => [...code],
  };
}

/** The engine's own modules and the list of kinds: snapshots of plans become invalid when they change. */
function engineFiles({ folder }: Project, kindFolder: string): string[] {
  const configuration = ["main.ts", "deno.json", "deno.lock"].map((file) => join(folder, file));
  return [...modulesBelow(join(folder, "lib", "flow")), ...modulesBelow(kindFolder), ...configuration];
}

function modulesBelow(folder: string): string[] {
  return readFolder(folder).flatMap(({ name, isDirectory }) => {
    const path = join(folder, name);
    if (isDirectory) return modulesBelow(path);
    return /\.[jt]s$/.test(name) ? [path] : [];
  });
}

/** @throws FlowError open-input where a task lacks an input that the workflow leaves to the user */
function refuseOpenInputs({ workflow, tasks }: OpenWorkflow): void {
  const ids = new Set(tasks.map(({ id }) => id));
  const [first, ...others] = workflow.open.filter(({ id }) => ids.has(id));
  if (!first) return;
  const fields = new Set(others.map(({ field }) => field).filter((field) => field !== first.field));
  const more = [...fields].map((field) => ` --set ${field}=PATH`).join("");
  throw new FlowError(
    "open-input",
    `the workflow ${workflow.name} needs ${first.about}: --set ${first.field}=PATH${more}`,
  );
}

/** A workflow with the part of its last plan that is still valid. Close the store when done. */
export interface OpenPlan {
  readonly store: Store;
  readonly workflow: Omit<ExpandedWorkflow, "tasks">;
  /** In topological order; their dependencies are among them or have a recalled result. */
  readonly tasks: readonly ExpandedTask[];
  readonly recalled?: RecalledPlan;
  /** Under which the plan is remembered. */
  readonly planName: string;
  /** Where there is something to run, it seems. Close it when done. */
  readonly launcher?: ExpectedLauncher;
  planner(): Promise<Planner>;
}

/** Its process takes as long to start as a workflow to be read. */
async function beginLauncher(): Promise<ExpectedLauncher> {
  const { ExpectedLauncher } = await import("../isolation/expected_launcher.ts");
  const launcher = new ExpectedLauncher();
  launcher.begin();
  return launcher;
}

/**
 * Loads nothing that is not needed when nothing has changed.
 *
 * @param toRun whether tasks will be run: from then on no garbage collection removes a recalled result
 */
export async function openPlan(
  project: Project,
  workflowName: string,
  taskNames: readonly string[],
  options: CommonOptions,
  toRun = false,
): Promise<OpenPlan> {
  const [{ workflowFile }, { recallPlan }, { vectorInstructions }] = await Promise.all([
    import("../definition/workflow_file.ts"),
    import("../snapshot/recall.ts"),
    import("../key/vector_instructions.ts"),
  ]);
  const { profile, set, device = null, runtime = DEFAULT_RUNTIME } = options;
  const file = workflowFile(workflowName);
  const planName = JSON.stringify([
    MANIFEST_SCHEMA,
    Deno.version.deno,
    Deno.build.target,
    vectorInstructions(),
    device,
    runtime,
    file,
    profile,
    set,
    taskNames,
    // Paths in settings are relative to where the user is.
    set && Deno.cwd(),
  ]);
  const store = openStore(project, options);
  try {
    const presence = store.leases.presence();
    let recalled = await recallPlan(store, planName);
    if (toRun && recalled && recalled.tasks.length > 0 && await store.beginUseSince(presence)) {
      recalled = await recallPlan(store, planName);
    }
    if (recalled) {
      const { workflow, tasks } = recalled;
      const planner = () => openPlanner(project, store, workflow, options, recalled);
      return { store, workflow, tasks, recalled, planName, planner };
    }
  } catch (error) {
    store.close();
    throw error;
  }
  store.close();
  const launcher = toRun ? await beginLauncher() : undefined;
  let opened: OpenWorkflow | undefined;
  try {
    opened = await openWorkflow(project, workflowName, taskNames, options);
    refuseOpenInputs(opened);
  } catch (error) {
    opened?.store.close();
    await launcher?.close();
    throw error;
  }
  const planner = opened;
  return { ...opened, planName, launcher, planner: () => Promise.resolve(planner) };
}
