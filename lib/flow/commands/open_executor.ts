/** The executor of a command: that of the command line, or else of the nearest settings that name one. */

import { homedir } from "node:os";
import { dirname, join } from "node:path";
import {
  type FolderSettings,
  readSettings,
  SETTINGS_FILE,
  settingsFiles,
} from "../definition/settings_file.ts";
import { warn } from "../display/terminal.ts";
import type { Executor } from "../executor/executor.ts";
import { thisMachine } from "../resources/machine.ts";
import type { Store } from "../store/store.ts";
import { isThere } from "../../system/is_there.ts";

/** What stands for a cluster on the command line and in settings. */
export const SLURM = "slurm";

/** Settings that say something of the executor, and the file with them. */
interface ExecutorSettings extends Pick<FolderSettings, "executor" | "slurm"> {
  readonly file: string;
}

/**
 * The settings for the executor: beside the workflow at the absolute path `file` or in a folder above it, beside the store,
 * or of the user.
 *
 * @throws FlowError settings
 */
export function executorSettings(store: string, file?: string): ExecutorSettings {
  const user = join(
    Deno.env.get("XDG_CONFIG_HOME") || join(homedir(), ".config"),
    "protoflow",
    SETTINGS_FILE,
  );
  const files = [
    ...(file === undefined ? [] : settingsFiles(file)),
    join(dirname(store), SETTINGS_FILE),
    user,
  ];
  for (const file of files.filter(isThere)) {
    const { executor, slurm } = readSettings(file);
    if (executor !== undefined || slurm !== undefined) return { executor, slurm, file };
  }
  return { file: user };
}

/**
 * The memory that there is for a task, in MiB; undefined on a cluster, where each node has its own.
 *
 * @param named by the command line
 * @throws FlowError settings
 */
export function machineMB(store: Store, workflow: string, named?: string): number | undefined {
  const executor = named ?? executorSettings(store.folder, workflow).executor;
  return executor === SLURM ? undefined : thisMachine().memoryMB;
}

/**
 * @param named by the command line
 * @returns undefined for this machine
 * @throws FlowError settings, slurm
 */
export async function openExecutor(
  store: Store,
  kindFolder: string,
  workflow: string,
  named: string | undefined,
): Promise<Executor | undefined> {
  const { executor, slurm, file } = executorSettings(store.folder, workflow);
  if ((named ?? executor) !== SLURM) return undefined;
  const [{ SlurmExecutor }, { parseSlurmSettings }, { CodePreparation }, { askLeaveOrCancel }] = await Promise
    .all([
      import("../slurm/slurm_executor.ts"),
      import("../slurm/settings.ts"),
      import("../slurm/code_preparation.ts"),
      import("./leave_or_cancel.ts"),
    ]);
  const code = new CodePreparation(kindFolder);
  return await SlurmExecutor.open({
    store,
    settings: parseSlurmSettings(slurm, file),
    ask: askLeaveOrCancel,
    warn,
    prepare: (modules) => code.prepare(modules),
  });
}
