/** Runs one action: single flight, attempts, and publishing its outputs. */

import { hostname } from "node:os";
import { setImmediate } from "node:timers";
import { failureText } from "../failure.ts";
import { fullDiskNote } from "../free_space.ts";
import type { Launcher } from "../isolation/launcher.ts";
import type { ResolvedInput } from "../key/resolve.ts";
import { failedLogPath, inFolderOf } from "../store/layout.ts";
import { keyNow } from "../store/late_view.ts";
import type { ActionKey, ActionRecord, Facts, Manifest, TreeEntry } from "../store/types.ts";
import { inUserWords, translateLog } from "./input_words.ts";
import { type Engine, sleep, usableRecord } from "./engine.ts";
import { LEAVE } from "../executor/executor.ts";
import { describeExit, type JobEnd, type ProcessResult } from "../process/process.ts";
import type { Assignment, ResourceRequest } from "../resources/resources.ts";
import { damageOf, isBoundToPlace } from "./lend.ts";
import { refusalNote } from "./refusal_note.ts";
import { SecondTries } from "./second_tries.ts";
import {
  emptyWorkspace,
  prepareWorkspace,
  type Protection,
  protectionFacts,
  removeWorkspace,
  replacedFolder,
  type Workspace,
} from "./workspace.ts";

export interface Action {
  /** Shown to the user. */
  readonly id: string;
  readonly key: ActionKey;
  readonly manifest: Manifest;
  readonly inputs: readonly ResolvedInput[];
  /** The files of the code it runs that are not what its key was made of. */
  readonly changedCode: () => string[];
  readonly request: ResourceRequest;
  readonly device: string;
  /** What it is expected to write. */
  readonly bytes?: number;
  /** What starts its processes isolated; undefined where that can't be. */
  readonly launcher: () => Promise<Launcher | undefined>;
  /** Whether it runs a program, not the code of a kind. */
  readonly isProgram?: true;
  readonly retries?: { readonly attempts: number; readonly backoffSeconds: number };
  readonly reason: string;
  readonly expectedMs?: number;
  /** Of a chain's state that is not its end. */
  readonly state?: Facts["state"];
  /** Of a result that ended early, or may have done. */
  readonly end?: Pick<Facts, "ended" | "endState">;
  /** Whether `produce` uses the scratch folder of the key, which is removed once the result is kept. */
  readonly scratch?: true;
  /** Writes the outputs into `workspace.out`. A failure that is no process's is thrown. */
  produce(workspace: Workspace, assignment: Assignment): Promise<Produced>;
}

export interface Produced extends ProcessResult {
  /** Files of the store that are part of the outputs, by output. */
  readonly kept?: Readonly<Record<string, readonly TreeEntry[]>>;
  /** What they are the outputs of, where that is not the action: of a step of a chain that comes before. */
  readonly as?: Pick<Action, "key" | "manifest" | "state">;
}

export type ActionResult =
  /** For a chain: `units` steps were done, after step `from`. */
  | {
    readonly result: "ran";
    readonly record: ActionRecord;
    readonly ms: number;
    readonly units?: number;
    readonly from?: number;
    /** How it ended, where that was early. */
    readonly ended?: string;
  }
  | { readonly result: "joined"; readonly record: ActionRecord; readonly ms: number; readonly holder: string }
  | {
    readonly result: "failed";
    readonly reason: string;
    readonly log?: string;
    readonly ms: number;
    /** The name of the error that the kind's code has thrown, or the exit code of the program. */
    readonly failure?: string | number;
    /** What the cluster has done with its job, where that is the reason. */
    readonly job?: JobEnd;
  }
  /** A source, or the kind's code, changed since the key was computed: resolve again. */
  | { readonly result: "drifted"; readonly paths: string[] }
  | { readonly result: "interrupted" };

const SAME_RUN = "another task of this run, which does the same";

const FIRST_POLL_MS = 4;
const LONGEST_POLL_MS = 250;

/** Runs an action, or waits for the process that runs it already. */
export async function runAction(engine: Engine, action: Action): Promise<ActionResult> {
  const started = performance.now();
  let holder: string | undefined;
  for (let poll = FIRST_POLL_MS;; poll = Math.min(poll * 1.5, LONGEST_POLL_MS)) {
    const assignment = await engine.queue.acquire(action.request);
    const computed = once(() => engine.queue.release(assignment));
    try {
      if (engine.signal.aborted) return { result: "interrupted" };
      const claim = engine.store.tryLease(action.key);
      if ("lease" in claim) {
        try {
          // Whoever held the lease until now may have published.
          const record = await usableRecord(engine, action.key);
          if (record) {
            return {
              result: "joined",
              record,
              ms: performance.now() - started,
              holder: holder ?? (record.facts.run === engine.run ? SAME_RUN : "another process"),
            };
          }
          const { token } = engine.store.leases.me;
          const result = await attempt(engine, action, assignment, computed);
          // Whoever took this process for dead has removed its work folders, and may have run the action.
          if (result.result !== "failed" || !engine.store.wasBuried(token)) return result;
        } finally {
          claim.lease.release();
        }
      }
      if ("holder" in claim) {
        const { pid, host, about } = claim.holder;
        const now = pid === Deno.pid && host === hostname()
          ? SAME_RUN
          : `process ${pid} on ${host} (${about})`;
        if (now !== holder) engine.observer.actionWaiting?.(action.id, action.key, now);
        holder = now;
      }
    } finally {
      computed();
    }
    await sleep(poll, engine.signal);
  }
}

function once(call: () => void): () => void {
  let called = false;
  return () => {
    if (!called) call();
    called = true;
  };
}

/** @param computed called once the action has no process any more */
async function attempt(
  engine: Engine,
  action: Action,
  assignment: Assignment,
  computed: () => void,
): Promise<ActionResult> {
  const { observer, signal } = engine;
  const attempts = action.retries?.attempts ?? 1;
  const again = new SecondTries(assignment);
  observer.actionStarted?.(action);
  for (let n = 1;; n++) {
    const result = await attemptOnce(engine, action, again.assignment, n, computed);
    if (result.result !== "failed" || signal.aborted) return result;
    if (result.job !== undefined && again.isWorthwhile(result.job)) {
      observer.actionRetried?.(action.id, result.reason, 0);
      n--;
      continue;
    }
    if (n >= attempts) return result;
    const waitMs = action.retries!.backoffSeconds * 1000 * 2 ** (n - 1);
    observer.actionRetried?.(action.id, result.reason, waitMs);
    await sleep(waitMs, signal);
    if (signal.aborted) return { result: "interrupted" };
  }
}

async function attemptOnce(
  engine: Engine,
  action: Action,
  assignment: Assignment,
  attempts: number,
  computed: () => void,
): Promise<ActionResult> {
  const { store } = engine;
  const drift = () => [
    ...action.changedCode(),
    ...action.inputs.flatMap((input) => input.from === "source" ? store.drifted(input.source) : []),
  ];
  const before = drift();
  if (before.length > 0) return { result: "drifted", paths: before };

  const started = new Date().toISOString();
  const begin = performance.now();
  let workspace: Workspace | undefined;
  let isLeft = false;
  const failed = (cause: string, log?: string, why: Why = {}): ActionResult => {
    const reason = workspace ? inUserWords(cause, workspace, action.inputs) : cause;
    // Code that is edited while it is read can fail in any way, which says nothing about the requested action.
    const changed = action.changedCode();
    if (changed.length > 0) return { result: "drifted", paths: changed };
    return { result: "failed", reason, log, ms: performance.now() - begin, ...why };
  };
  const ended = await engine.space.begin(action.bytes ?? 0, engine.signal);
  if (typeof ended === "string") return failed(ended);
  try {
    workspace = await workspaceOf(engine, action);
    const { lent, drifted } = workspace;
    if (drifted.length > 0) return { result: "drifted", paths: drifted };
    const process = await action.produce(workspace, assignment);
    translateLog(workspace, action.inputs);
    if (process.reason.kind === "interrupted") {
      isLeft = engine.signal.reason === LEAVE;
      return { result: "interrupted" };
    }
    if (process.reason.kind !== "ok") {
      const cause = describeExit(process.reason) + (process.note ?? "");
      const reason = cause + fullDiskNote(store.folder) + refusalNote(cause, workspace);
      return failed(reason, keepLog(engine, action.key, workspace.logFile), whyOf(process.reason));
    }
    // The next process is started before the outputs of this one are published.
    computed();
    await new Promise((resolve) => setImmediate(resolve));
    const replaced = replacedFolder(workspace);
    if (replaced !== undefined) return failed(replaced, keepLog(engine, action.key, workspace.logFile));
    const printed = (keyNow(workspace.logFile)?.size ?? 0) > 0;
    const facts: Facts = {
      started,
      attempts,
      ...factsOf(engine, { ...action, ...process.as }, { gpus: assignment.gpus, ...process }),
      ...protectionFacts(workspace),
      ...(printed ? { log: await store.putFile(workspace.logFile) } : {}),
    };
    const { key, manifest } = process.as ?? action;
    const published = await store.publish({
      key,
      manifest,
      folder: workspace.out,
      stays: workspace.outlives,
      kept: process.kept,
      facts,
      beforeRecord: async () => [...drift(), ...await damageOf(lent)],
    });
    if (published.drift.length > 0) return { result: "drifted", paths: published.drift };
    if (!published.joined) engine.shared?.offer(published.record!);
    if (action.scratch) Deno.removeSync(store.scratchFolder(action.key), { recursive: true });
    return { result: "ran", record: published.record!, ms: process.ms };
  } catch (error) {
    return failed(
      failureText(error, store.folder),
      workspace && keepLog(engine, action.key, workspace.logFile),
    );
  } finally {
    ended();
    if (workspace && !(workspace.outlives && isLeft)) await finish(engine, workspace);
  }
}

/** Empties or removes the folder of an attempt that has ended. */
async function finish(engine: Engine, workspace: Workspace): Promise<void> {
  const remove = () => removeWorkspace(engine, workspace);
  // The next try must not take it up.
  if (workspace.outlives) await remove();
  else if (emptyWorkspace(engine.store, workspace)) engine.cleaning.spare(workspace.cwd, remove);
  else engine.cleaning.now(remove);
}

type Why = Pick<Extract<ActionResult, { readonly result: "failed" }>, "failure" | "job">;

function whyOf(reason: ProcessResult["reason"]): Why {
  if (reason.kind === "job") return { job: reason.how };
  return {
    failure: reason.kind === "thrown" ? reason.name : reason.kind === "exit" ? reason.code : undefined,
  };
}

function factsOf(
  { run }: Engine,
  { device, state, end }: Action,
  { ms, cpuMs, peakBytes, host = hostname(), gpus = [] }: Produced,
): Omit<Facts, "started" | "attempts" | "inputs" | "notIsolated" | "log"> {
  return {
    ms: Math.round(ms * 10) / 10,
    cpuMs: Math.round(cpuMs * 10) / 10,
    peakMemoryBytes: peakBytes,
    device: [device, ...gpus].join(" "),
    host,
    run,
    ...(state !== undefined && { state }),
    ...end,
  };
}

async function workspaceOf(engine: Engine, action: Action): Promise<Workspace> {
  const protection = await protect(engine, action);
  const workspace = await prepareWorkspace(engine, action.key, action.inputs, protection);
  engine.observer.actionLogs?.(action.id, workspace.logFile);
  return workspace;
}

async function protect({ isolation }: Engine, { inputs, launcher, isProgram }: Action): Promise<Protection> {
  const bound = inputs.find((input) => input.from === "source" && isBoundToPlace(input.source));
  if (bound === undefined) {
    const started = await launcher();
    return started ? { launcher: started, isProgram } : { notIsolated: isolation.unavailable };
  }
  return isolation.isWanted ? { notIsolated: `links in its input ${bound.name} lead out of it` } : {};
}

function keepLog({ store }: Engine, key: ActionKey, logFile: string): string | undefined {
  const kept = failedLogPath(store.folder, key);
  try {
    inFolderOf(kept, () => Deno.renameSync(logFile, kept));
    return kept;
  } catch {
    return undefined; // Nothing was printed, or the disk is full: the reason of the failure is reported anyway.
  }
}
