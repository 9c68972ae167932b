/** Runs the process of one action in its workspace: a program as it is, a kind by `deno run`. */

import { basename, isAbsolute, join } from "node:path";
import { FlowError } from "../errors.ts";
import { networkEnvironment } from "../download/network.ts";
import type { WorkOrder } from "../executor/executor.ts";
import type { Launcher } from "../isolation/launcher.ts";
import { programFolders } from "../isolation/readable.ts";
import { TF32 } from "../key/compute.ts";
import { grantedValues } from "../key/environment.ts";
import type { Item } from "../kind.ts";
import { kindFile } from "../kind_file.ts";
import { flushed, refusesLate } from "../store/late_refusals.ts";
import { writeWhole } from "../store/plain_file.ts";
import { StatKey } from "../store/stat_key.ts";
import { WORK_VARIABLE } from "../store/work_processes.ts";
import { JobEvents, reportsLost } from "../job/job_events.ts";
import type { RunnableTask } from "./runnable.ts";
import { compileCode } from "../job/compiled_code.ts";
import { codeFolders, denoCommand, denoFolder, mainModule } from "../job/deno_command.ts";
import type { Engine } from "./engine.ts";
import { type JobEvent, type JobMode, type KindJob, REPORTS_REFUSED } from "../job/kind_job.ts";
import type { JobPlace } from "../place.ts";
import { type ExitReason, type ProcessResult, runProcess } from "../process/process.ts";
import type { Assignment } from "../resources/resources.ts";
import { pagesEnvironment } from "./large_pages.ts";
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

function markOf({ cwd }: Workspace): Record<string, string> {
  return { [WORK_VARIABLE]: cwd };
}

function timeLimit({ resolved }: Execution): number | undefined {
  const seconds = resolved.loaded.timeLimitSeconds;
  return seconds === undefined ? undefined : seconds * 1000;
}

/** The parts of a work that every process of a task has. */
function workOf(execution: Execution): Omit<WorkOrder, "step" | "process" | "modules"> {
  const { engine: { signal, history }, resolved: { task, loaded }, workspace, assignment } = execution;
  const { launcher, mounts } = workspace;
  const expectedMs = loaded.chain || loaded.items ? undefined : history.expectedMs(task);
  return { task: task.id, kind: task.kind, launcher, mounts, assignment, expectedMs, signal };
}

async function start(
  { engine: { tracer, executor, observer, signal }, resolved, workspace }: Execution,
  work: WorkOrder,
  items?: readonly Item[],
): Promise<ProcessResult> {
  if (tracer) {
    const { temporary, inputs } = workspace;
    const options = { ...work.process, signal, onWatch: work.onWatch };
    return await tracer.run(options, runProcess, { resolved, temporary, inputs, items });
  }
  let last: JobPlace | undefined;
  const submitted = executor.submit({
    ...work,
    onWatch() {
      work.onWatch?.();
      const place = submitted.poll();
      if (place === undefined || isSame(place, last)) return;
      last = place;
      observer.actionPlaced?.(work.task, place);
    },
  });
  return await submitted.ended;
}

function isSame(place: JobPlace, last: JobPlace | undefined): boolean {
  return last !== undefined && place.state === last.state && place.why === last.why && place.job === last.job;
}

/** A kind that is a program. */
export function executeProgram(execution: Execution): Promise<ProcessResult> {
  const { resolved, workspace } = execution;
  const { argv, env } = resolved.loaded.program!(resolved.task.params);
  return start(execution, {
    ...workOf(execution),
    step: "run",
    modules: [],
    process: {
      argv: [...argv],
      env: { ...baseEnvironment(execution), ...env, ...markOf(workspace) },
      mark: markOf(workspace),
      cwd: workspace.cwd,
      logFile: workspace.logFile,
      timeLimitMs: timeLimit(execution),
    },
  });
}

export interface KindExecution extends Execution {
  readonly mode: JobMode;
  readonly scratch: string;
  readonly onEvent: (event: JobEvent) => void;
}

/** Runs a kind in TypeScript, in a separate process with minimal permissions. */
export async function executeKind(execution: KindExecution): Promise<ProcessResult> {
  const { engine, resolved, workspace, mode } = execution;
  const kind = resolved.loaded;
  // By an earlier process of the same task.
  const replaced = replacedFolder(execution.workspace);
  if (replaced !== undefined) throw new FlowError("folder-replaced", replaced);
  const step = mode.do === "items" ? basename(workspace.temporary) : mode.do;
  const files = jobFiles(execution);
  if (!engine.executor.isBegun(workspace.cwd, step)) prepareJob(execution, files);
  let thrown: ExitReason | undefined;
  const events = new JobEvents(files.events, mode, (event) => {
    if (event.event === "thrown") thrown = { kind: "thrown", message: event.message, name: event.name };
    else execution.onEvent(event);
  });
  const work = workOf(execution);
  const further = workspace.launcher
    ? [{ from: execution.scratch, to: files.scratch, writable: true as const }]
    : [];
  const result = await start(execution, {
    ...work,
    step,
    mounts: [...work.mounts, ...further],
    modules: resolved.kind.files,
    jobFile: files.job,
    chain: mode.do === "run" && kind.chain
      ? { state: kind.chain.state, stepMs: engine.history.expectedMs(resolved.task, 1) }
      : undefined,
    process: {
      argv: denoCommand({
        args: [files.main, files.job],
        kindFolder: engine.kindFolder,
        permissions: kind.permissions ?? {},
        reads: resolved.kind.reads,
      }),
      env: kindEnvironment(execution),
      cwd: workspace.cwd,
      logFile: workspace.logFile,
      timeLimitMs: timeLimit(execution),
      mark: markOf(workspace),
    },
    onWatch: () => events.read(),
  }, mode.do === "items" ? mode.items : undefined);
  events.read();
  return { ...result, reason: reasonOf(result, thrown, events, mayBeRefused(workspace)) };
}

/** How the work has ended, by the end of its process and what this has reported. */
function reasonOf(
  { reason, reached }: ProcessResult,
  thrown: ExitReason | undefined,
  events: JobEvents,
  flushes: boolean,
): ExitReason {
  const { problem } = events;
  if (reason.kind === "exit") {
    if (thrown !== undefined) return thrown;
    const wereRefused = flushes && reason.code === REPORTS_REFUSED;
    const message = problem ?? (wereRefused ? reportsLost(events.file) : undefined);
    return message === undefined ? reason : { kind: "lost", message };
  }
  if (reason.kind !== "ok") return reason;
  if (problem !== undefined) return { kind: "lost", message: problem };
  // Behind the step that a segment has reached, its process may have been ended.
  return events.isDone || reached !== undefined ? reason : { kind: "exit", code: 0 };
}

/** Whether the disk of its outputs, and of its reports, may refuse them late. */
function mayBeRefused({ out }: Workspace): boolean {
  const key = StatKey.of(out);
  return key !== undefined && refusesLate(key.device);
}

function kindEnvironment(execution: KindExecution): Record<string, string> {
  const { engine, resolved: { kind, loaded, task }, workspace, assignment } = execution;
  const libraryPath = Deno.env.get("LD_LIBRARY_PATH");
  return {
    ...(loaded.permissions?.net === undefined ? {} : reachNetwork(execution)),
    ...grantedValues(kind.variables),
    ...baseEnvironment(execution),
    ...pagesEnvironment(assignment, engine.estimates.get(task.id)),
    ...markOf(workspace),
    DENO_DIR: denoFolder(),
    DENO_NO_UPDATE_CHECK: "1",
    NO_COLOR: "1",
    // Where the GPU's libraries are, on machines that have them outside of the system's folders.
    ...(libraryPath === undefined ? {} : { LD_LIBRARY_PATH: libraryPath }),
  };
}

/** The files of a process; those of a later one of the same work folder have other names. */
function jobFiles({ workspace: { temporary }, mode }: KindExecution) {
  return {
    job: join(temporary, `${mode.do}.json`),
    events: join(temporary, `${mode.do}-events.jsonl`),
    main: join(temporary, "main.mjs"),
    scratch: join(temporary, "scratch"),
  };
}

/** The items that an earlier run handed over in `folder`. */
export function itemsOfBatch(folder: string): readonly Item[] {
  const { mode }: KindJob = JSON.parse(Deno.readTextFileSync(join(folder, "items.json")));
  return mode.do === "items" ? mode.items : [];
}

function prepareJob(execution: KindExecution, files: ReturnType<typeof jobFiles>): void {
  const { engine, resolved, workspace, assignment, mode } = execution;
  if (!isThere(files.scratch)) {
    if (workspace.launcher) Deno.mkdirSync(files.scratch);
    else Deno.symlinkSync(execution.scratch, files.scratch, { type: "dir" });
  }
  const job: KindJob = {
    mode,
    params: resolved.task.params,
    inputs: workspace.inputs,
    outFolder: workspace.out,
    scratch: files.scratch,
    eventsFile: files.events,
    resources: {
      cpu: Math.max(assignment.gpus.length > 0 ? 1 : 0, Math.floor(assignment.cpu)),
      memoryMB: assignment.memoryMB,
      gpus: assignment.gpus,
    },
    device: resolved.compute.device,
    runtime: resolved.compute.runtime,
    ...(mayBeRefused(workspace) && { flushes: true }),
  };
  writeWhole(files.job, JSON.stringify(job));
  writeWhole(
    files.main,
    mainModule(kindFile(resolved.loaded.name, engine.kindFolder, engine.ownKinds), resolved.kind.models),
  );
  Deno.writeTextFileSync(files.events, "");
}

function reachNetwork({ workspace }: Execution): Record<string, string> {
  const file = join(workspace.temporary, "certificates.pem");
  const environment = networkEnvironment(file, Deno.env.toObject());
  flushed(file);
  return environment;
}
