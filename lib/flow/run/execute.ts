/** Runs the process of one action in its workspace: a program as it is, a kind by `deno run`. */

import { isAbsolute, join } from "node:path";
import { FlowError } from "../errors.ts";
import { networkEnvironment } from "../download/network.ts";
import type { Launcher } from "../isolation/launcher.ts";
import type { Mount } from "../isolation/messages.ts";
import { programFolders } from "../isolation/readable.ts";
import { TF32 } from "../key/compute.ts";
import { grantedValues } from "../key/environment.ts";
import type { Item } from "../kind.ts";
import { kindFile } from "../kind_file.ts";
import { WORK_VARIABLE } from "../store/work_processes.ts";
import { readEvents } from "../job/job_events.ts";
import type { RunnableTask } from "./runnable.ts";
import { compileCode } from "../job/compiled_code.ts";
import { codeFolders, denoCommand, denoFolder, mainModule } from "../job/deno_command.ts";
import type { Engine } from "./engine.ts";
import type { JobEvent, JobMode, KindJob } from "../job/kind_job.ts";
import type { StartChild } from "../process/child.ts";
import { type ProcessOptions, type ProcessResult, runProcess } from "../process/process.ts";
import type { Assignment } from "../resources/resources.ts";
import { replacedFolder, type Workspace } from "./workspace.ts";
import { isThere } from "../../system/is_there.ts";

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export interface Execution {
  readonly engine: Engine;
  readonly resolved: RunnableTask;
  readonly workspace: Workspace;
  readonly assignment: Assignment;
}

/** The part of the engine's environment that a process sees: where programs are, and the assigned resources. */
function baseEnvironment({ resolved, workspace, assignment }: Execution): Record<string, string> {
  return {
    PATH: DEFAULT_PATH,
    HOME: workspace.temporary,
    TMPDIR: workspace.temporary,
    CUDA_VISIBLE_DEVICES: assignment.gpus.join(","),
    ...(assignment.gpus.length === 0 ? {} : {
      // Numbers are counted as nvidia-smi counts them.
      CUDA_DEVICE_ORDER: "PCI_BUS_ID",
      // CUDA's libraries round to TF32 where they may, unless it is forbidden by this variable.
      NVIDIA_TF32_OVERRIDE: resolved.task.params.precision === TF32 ? "1" : "0",
    }),
  };
}

/** What starts the task's processes isolated; undefined where that can't be. */
export async function launcherOf(
  { isolation, kindFolder, tracer }: Engine,
  { loaded, task, kind }: RunnableTask,
): Promise<Launcher | undefined> {
  // A trace is to show what the task would read.
  if (tracer) return undefined;
  if (!loaded.program) {
    const libraries = (Deno.env.get("LD_LIBRARY_PATH") ?? "").split(":").filter(isAbsolute);
    const launcher = await isolation.forKind([...codeFolders(kindFolder, kind.files), ...libraries]);
    if (launcher) await compileCode(kindFolder, kind.files);
    return launcher;
  }
  const { argv, env } = loaded.program(task.params);
  return await isolation.forProgram(programFolders(argv, { PATH: DEFAULT_PATH, ...env }));
}

/** How the processes of a task are started: by the launcher, where there is one. */
function starter({ launcher, mounts }: Workspace, further: readonly Mount[] = []): StartChild | undefined {
  if (!launcher) return undefined;
  return (program, options) => launcher.spawn(program, options, [...mounts, ...further]);
}

function markOf({ cwd }: Workspace): Record<string, string> {
  return { [WORK_VARIABLE]: cwd };
}

function timeLimit({ resolved }: Execution): number | undefined {
  const seconds = resolved.loaded.timeLimitSeconds;
  return seconds === undefined ? undefined : seconds * 1000;
}

function start(
  { engine: { tracer }, resolved, workspace }: Execution,
  options: ProcessOptions,
  items?: readonly Item[],
): Promise<ProcessResult> {
  if (tracer === undefined) return runProcess(options);
  const { temporary, inputs } = workspace;
  return tracer.run(options, runProcess, { resolved, temporary, inputs, items });
}

/** A kind that is a program. */
export function executeProgram(execution: Execution): Promise<ProcessResult> {
  const { engine, resolved, workspace } = execution;
  const { argv, env } = resolved.loaded.program!(resolved.task.params);
  return start(execution, {
    start: starter(workspace),
    argv: [...argv],
    env: { ...baseEnvironment(execution), ...env, ...markOf(workspace) },
    mark: markOf(workspace),
    watchdog: engine.watchdog,
    cwd: workspace.cwd,
    logFile: workspace.logFile,
    timeLimitMs: timeLimit(execution),
    signal: engine.signal,
  });
}

export interface KindExecution extends Execution {
  readonly mode: JobMode;
  readonly scratch: string;
  readonly onEvent: (event: JobEvent) => void;
}

/** Runs a kind in TypeScript, in a separate process with minimal permissions. */
export async function executeKind(execution: KindExecution): Promise<ProcessResult> {
  const { engine, resolved, workspace, assignment, mode } = execution;
  const kind = resolved.loaded;
  // By an earlier process of the same task.
  const replaced = replacedFolder(execution.workspace);
  if (replaced !== undefined) throw new FlowError("folder-replaced", replaced);
  const eventsFile = join(workspace.temporary, "events.jsonl");
  const jobFile = join(workspace.temporary, "job.json");
  const mainFile = join(workspace.temporary, "main.mjs");
  const scratch = join(workspace.temporary, "scratch");
  if (!isThere(scratch)) {
    if (workspace.launcher) Deno.mkdirSync(scratch);
    else Deno.symlinkSync(execution.scratch, scratch, { type: "dir" });
  }
  const job: KindJob = {
    mode,
    params: resolved.task.params,
    inputs: workspace.inputs,
    outFolder: workspace.out,
    scratch,
    eventsFile,
    resources: {
      cpu: Math.max(assignment.gpus.length > 0 ? 1 : 0, Math.floor(assignment.cpu)),
      memoryMB: assignment.memoryMB,
      gpus: assignment.gpus,
    },
    device: resolved.compute.device,
    runtime: resolved.compute.runtime,
  };
  Deno.writeTextFileSync(jobFile, JSON.stringify(job));
  Deno.writeTextFileSync(
    mainFile,
    mainModule(kindFile(kind.name, engine.kindFolder, engine.ownKinds), resolved.kind.models),
  );
  Deno.writeTextFileSync(eventsFile, "");
  let thrown: ProcessResult["reason"] | undefined;
  const events = readEvents(eventsFile, (event) => {
    if (event.event === "thrown") thrown = { kind: "thrown", message: event.message, name: event.name };
    else execution.onEvent(event);
  });
  const libraryPath = Deno.env.get("LD_LIBRARY_PATH");
  const result = await start(execution, {
    start: starter(workspace, [{ from: execution.scratch, to: scratch, writable: true }]),
    argv: denoCommand({
      args: [mainFile, jobFile],
      kindFolder: engine.kindFolder,
      permissions: kind.permissions ?? {},
      reads: resolved.kind.reads,
    }),
    env: {
      ...(kind.permissions?.net === undefined ? {} : reachNetwork(execution)),
      ...grantedValues(resolved.kind.variables),
      ...baseEnvironment(execution),
      ...markOf(workspace),
      DENO_DIR: denoFolder(),
      DENO_NO_UPDATE_CHECK: "1",
      NO_COLOR: "1",
      // Where the GPU's libraries are, on machines that have them outside of the system's folders.
      ...(libraryPath === undefined ? {} : { LD_LIBRARY_PATH: libraryPath }),
    },
    cwd: workspace.cwd,
    logFile: workspace.logFile,
    timeLimitMs: timeLimit(execution),
    signal: engine.signal,
    mark: markOf(workspace),
    watchdog: engine.watchdog,
    onWatch: events,
  }, mode.do === "items" ? mode.items : undefined);
  events();
  if (thrown === undefined || result.reason.kind !== "exit") return result;
  return { ...result, reason: thrown };
}

function reachNetwork({ workspace }: Execution): Record<string, string> {
  return networkEnvironment(join(workspace.temporary, "certificates.pem"), Deno.env.toObject());
}
