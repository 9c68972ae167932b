/** The fresh folder in which an action runs: `in/<input>`, `out/<output>` and `tmp/`. */

import { join } from "node:path";
import { FlowError } from "../errors.ts";
import { FOLDER_MOVED } from "../executor/executor.ts";
import type { Launcher } from "../isolation/launcher.ts";
import type { Mount } from "../isolation/messages.ts";
import type { ResolvedInput } from "../key/resolve.ts";
import { readFolder } from "../../system/read_folder.ts";
import { StatKey } from "../store/stat_key.ts";
import type { Store } from "../store/store.ts";
import type { ActionKey, Facts } from "../store/types.ts";
import type { Engine } from "./engine.ts";
import { keep, readKept } from "./kept_workspace.ts";
import { type Borrower, lendOutput, lendSource, type Lent, lentFolder } from "./lend.ts";

/** How the task is kept to its inputs. */
export interface Protection {
  /** Starts the processes, isolated; absent where tasks can't be isolated. */
  readonly launcher?: Launcher;
  readonly isProgram?: true;
  /** Why there is no launcher, although tasks are to be isolated. */
  readonly notIsolated?: string;
}

export interface Workspace extends Protection {
  /** The working folder of the process. */
  readonly cwd: string;
  /** As it was made. */
  readonly made: StatKey;
  readonly out: string;
  /** Holds the working folder, and the engine's files about this attempt. */
  readonly temporary: string;
  /** Outside of the working folder, where the process does not reach it by mistake. */
  readonly logFile: string;
  /** Paths by input name, in the order of the workflow. */
  readonly inputs: Record<string, string[]>;
  readonly lent: Lent;
  /** What an isolated process sees in the working folder. */
  readonly mounts: Mount[];
  readonly shared?: Borrower["shared"];
  /** Sources that were no longer what their key says when they were put in place: nothing is to be run then. */
  readonly drifted: string[];
  /** It stays when the run is left, for a later one. */
  readonly outlives?: true;
  /** An earlier run prepared it, and handed over what is to run in it. */
  readonly isTakenUp?: true;
}

const FOLDERS = ["in", "out", "tmp"];

/** Puts the inputs in place, read-only; or takes up the work folder that an earlier run left. */
export async function prepareWorkspace(
  engine: Engine,
  key: ActionKey,
  inputs: readonly ResolvedInput[],
  protection: Protection,
): Promise<Workspace> {
  const { store, inputStore, cleaning, lentFolders, executor } = engine;
  const isIsolated = protection.launcher !== undefined;
  const left = await executor.leftFolder(key, (cwd) => readKept(store, cwd, isIsolated) !== undefined);
  if (left !== undefined) {
    return {
      ...emptyAt(left, protection),
      ...readKept(store, left, isIsolated)!,
      outlives: true,
      isTakenUp: true,
    };
  }
  const own = executor.newFolder(key);
  const spare = own === undefined ? cleaning.takeSpare() : undefined;
  const workspace: Workspace = {
    ...emptyAt(own ?? spare ?? store.workFolder(key.slice(0, 16)), protection),
    ...(own === undefined ? { shared: { folders: lentFolders, taken: [] } } : { outlives: true }),
  };
  const { cwd } = workspace;
  if (spare === undefined) { for (const name of FOLDERS) Deno.mkdirSync(join(cwd, name)); }
  for (const input of inputs) {
    const path = input.label === undefined
      ? join(cwd, "in", input.name)
      : join(cwd, "in", input.name, input.label);
    const paths = (workspace.inputs[input.name] ??= []);
    if (input.label !== undefined && paths.length === 0) Deno.mkdirSync(join(cwd, "in", input.name));
    paths.push(path);
    if (input.from === "source") {
      workspace.drifted.push(...await lendSource(workspace, input.source, path));
      continue;
    }
    const artifact = inputStore.artifact(input.output);
    if (!artifact) {
      throw new FlowError(
        "store-io",
        `${input.task}: its output for ${input.name} is damaged; run again to rebuild it`,
      );
    }
    await lendOutput(workspace, inputStore, artifact, path);
  }
  if (own !== undefined) keep(workspace);
  return workspace;
}

function emptyAt(cwd: string, protection: Protection): Workspace {
  return {
    cwd,
    made: StatKey.ofLink(cwd)!,
    out: join(cwd, "out"),
    temporary: join(cwd, "tmp"),
    logFile: `${cwd}.log`,
    // An input may have the name of a member of every object.
    inputs: Object.create(null),
    lent: [],
    ...protection,
    mounts: [],
    drifted: [],
  };
}

/**
 * What the task has put in the place of one of its folders, as a sentence; undefined if it has not. What such a link leads
 * to is somebody's, and must neither be taken for the task's outputs nor emptied.
 */
export function replacedFolder({ cwd, made }: Workspace): string | undefined {
  if (!StatKey.of(cwd)?.isSameFile(made)) return FOLDER_MOVED;
  const name = FOLDERS.find((name) => StatKey.ofLink(join(cwd, name))?.isFolder === false);
  return name &&
    `its folder "${name}" is a folder no longer: a task writes into it, and may not replace it by ` +
      "a link or a file";
}

/** How its inputs are protected, for the facts of a result. */
export function protectionFacts(
  { launcher, notIsolated }: Protection,
): Pick<Facts, "inputs" | "notIsolated"> {
  return { inputs: launcher ? "isolated" : "compared", ...(notIsolated !== undefined && { notIsolated }) };
}

export async function removeWorkspace(
  { store, executor }: Engine,
  { cwd, logFile, launcher, shared }: Workspace,
): Promise<void> {
  launcher?.forget(cwd);
  const folders = [cwd, lentFolder(cwd)].map((path) => store.removeFolder(path));
  await Promise.all([...folders, Deno.remove(logFile).catch(() => {})]);
  for (const path of shared?.taken ?? []) await shared!.folders.giveBack(path);
  executor.forget(cwd);
}

/**
 * Restores a workspace whose outputs were published to its state before use.
 *
 * @returns false if more than its inputs and an empty log is left in it: then it should be removed
 */
export function emptyWorkspace(store: Store, workspace: Workspace): boolean {
  const { cwd, out, temporary, logFile, inputs, mounts, outlives } = workspace;
  if (mounts.length > 0 || outlives) return false;
  try {
    if (replacedFolder(workspace) !== undefined) return false;
    const few = Object.values(inputs).flat().every((path) => StatKey.ofLink(path)?.isFolder === false);
    if (!few || [out, temporary].some((folder) => readFolder(folder).length > 0)) return false;
    store.emptyFolder(join(cwd, "in"));
    if (StatKey.ofLink(logFile)!.size > 0) Deno.removeSync(logFile);
    return readFolder(cwd).every(({ name, isDirectory }) => isDirectory && FOLDERS.includes(name));
  } catch {
    return false; // The action moved or removed parts of it.
  }
}
