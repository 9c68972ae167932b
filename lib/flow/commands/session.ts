/** What the verbs share: the options of the command line, the store, and a workflow ready to be looked at. */

import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { ExpandedTask, ExpandedWorkflow } from "../definition/expanded.ts";
import type { KindRegistry } from "../kind.ts";
import type { Evaluator } from "../plan/evaluator.ts";
import type { History } from "../plan/history.ts";
import type { RecalledPlan } from "../plan/recall.ts";
import type { Store } from "../store/store.ts";

/** Options that several verbs take. */
export interface CommonOptions {
  readonly store?: string;
  readonly device?: string;
  readonly profile?: string;
  readonly set?: readonly string[];
  readonly json?: boolean;
}

/** Where the command line belongs: its project folder, and the kinds that its workflows name. */
export interface Project {
  readonly folder: string;
  readonly registry: () => Promise<KindRegistry>;
}

export const DEFAULT_DEVICE = "cpu";

/** The folder of the store: `--store`, else `cache/` of the project. */
export function storeFolder(project: Project, options: CommonOptions): string {
  return options.store === undefined ? join(project.folder, "cache") : resolve(options.store);
}

export async function openStore(project: Project, options: CommonOptions): Promise<Store> {
  const { Store } = await import("../store/store.ts");
  return Store.open(storeFolder(project, options), `protoflow ${Deno.args.join(" ")}`);
}

export interface Session {
  readonly store: Store;
  readonly workflow: ExpandedWorkflow;
  readonly registry: KindRegistry;
  readonly history: History;
  readonly evaluator: Evaluator;
  readonly device: string;
  readonly kindFolder: string;
  /** The tasks that were named (all where none was), and these with all they need. */
  readonly named: readonly ExpandedTask[];
  readonly tasks: readonly ExpandedTask[];
  /** What is known from an earlier plan; `workflow`, `named` and `tasks` are then only what has to be planned anew. */
  readonly recalled?: RecalledPlan;
}

/** Loads a workflow, or what is left of it to be planned anew, and opens the store. Close the store when done. */
export async function openSession(
  project: Project,
  workflowName: string,
  taskNames: readonly string[],
  options: CommonOptions,
  opened?: { readonly store: Store; readonly recalled?: RecalledPlan },
): Promise<Session> {
  const [
    { loadWorkflow },
    { History },
    { Evaluator },
    { namedTasks, withUpstream },
    { kindCode },
    { loadKind },
  ] = await Promise.all([
    import("../definition/load_workflow.ts"),
    import("../plan/history.ts"),
    import("../plan/evaluator.ts"),
    import("../plan/select.ts"),
    import("../fingerprint/fingerprint.ts"),
    import("../definition/load_kinds.ts"),
  ]);
  const registry = await project.registry();
  const { profile, set } = options;
  const recalled = opened?.recalled;
  const workflow = recalled
    ? { ...recalled.workflow, tasks: recalled.tasks }
    : await loadWorkflow(workflowName, registry, { profile, set });
  const named = recalled ? recalled.tasks : namedTasks(workflow, taskNames);
  const store = opened?.store ?? await openStore(project, options);
  const history = new History(store.folder, workflow.name);
  const device = options.device ?? DEFAULT_DEVICE;
  const evaluator = new Evaluator({
    workflow,
    store,
    history,
    device,
    loadKind: async (name) => ({
      kind: await loadKind(name, registry),
      code: await kindCode(name, registry, store.folder),
    }),
  });
  const kindFolder = fileURLToPath(registry.folder);
  return {
    store,
    workflow,
    registry,
    history,
    evaluator,
    device,
    kindFolder,
    named,
    tasks: withUpstream(workflow, named),
    recalled,
  };
}
