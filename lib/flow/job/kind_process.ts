/** The process of a kind: reads its job, runs the kind's code, and reports by appending to the events file. */

import { join } from "node:path";
import { setImmediate } from "node:timers";
import { withMarkedStack } from "../stack_lines.ts";
import { messageOf } from "../failure.ts";
import type { AnyKind, Item, Progress, TaskContext } from "../kind.ts";
import { own } from "../own.ts";
import { itemsProblem } from "./item_shape.ts";
import { type JobEvent, type KindJob, REPORTS_REFUSED } from "./kind_job.ts";
import { progressProblem } from "./progress_shape.ts";

/** The log has the whole of a longer one, and the stack. */
const LONGEST_MESSAGE = 2000;
const TOLD_TO_END = "it was told to end, by SIGTERM";

function contextOf(job: KindJob, outFolder: string, signal: AbortSignal): TaskContext {
  const paths = (name: string) => [...own(job.inputs, name) ?? []];
  return {
    params: job.params,
    inputs: paths,
    input(name) {
      const [path] = paths(name);
      if (path === undefined) {
        throw new Error(`there is no input "${name}"; given: ${Object.keys(job.inputs).join(", ")}`);
      }
      return path;
    },
    output: (name) => join(outFolder, name),
    scratch: job.scratch,
    progress: (progress) => report(job, { event: "progress", progress: finite(progress) }),
    log: (message) => console.log(message),
    resources: job.resources,
    device: job.device,
    runtime: job.runtime,
    signal,
    chain: job.mode.do === "run" ? job.mode.chain : undefined,
  };
}

let reported = 0;

function report(job: KindJob, event: JobEvent): void {
  reported++;
  Deno.writeTextFileSync(job.eventsFile, JSON.stringify(event) + "\n", { append: true });
}

function shortMessage(error: unknown): string {
  const message = error instanceof Deno.errors.NotCapable ? refusalOf(error) : textOf(error);
  return message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…` : message;
}

/** What is thrown may have no text. */
function textOf(error: unknown): string {
  try {
    return messageOf(error);
  } catch {
    return Deno.inspect(error, { colors: false });
  }
}

/** Deno's own message proposes a flag, which the user of a kind can't give. */
function refusalOf({ stack, message }: Error): string {
  const what = message.replace(/, run again with the --allow-\w+ flag$/, "");
  const place = /file:\/\/[^\s)]+:\d+:\d+/.exec(stack ?? "")?.[0];
  const help = message.startsWith("Requires read")
    ? '; make it an input of the task, or name it in the kind\'s code as new URL("./file", import.meta.url)'
    : "; a kind declares what it needs in its permissions";
  return `${what}${place ? ` at ${place}` : ""}${help}`;
}

/** A loss that is no number has no JSON: it is left out. @throws TypeError */
function finite(progress: Progress): Progress {
  const problem = progressProblem(progress);
  if (problem !== undefined) throw new TypeError(problem);
  const { done, total, unit, values } = progress;
  const shown = Object.entries(values ?? {}).filter(([, value]) => Number.isFinite(value));
  return { done, total, unit, ...(values && { values: Object.fromEntries(shown) }) };
}

/** @throws TypeError */
function checked(items: readonly Item[]): readonly Item[] {
  const problem = itemsProblem(items);
  if (problem !== undefined) throw new TypeError(problem);
  return items;
}

/** Until what the kind's code has left behind, such as a promise that nobody waits for, has been able to fail. */
function moment(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function runItems(kind: AnyKind, job: KindJob, signal: AbortSignal): Promise<void> {
  if (job.mode.do !== "items") return;
  const prepared = await kind.items!.prepare?.(contextOf(job, job.outFolder, signal));
  for (const [position, item] of job.mode.items.entries()) {
    if (signal.aborted) return;
    const outFolder = join(job.outFolder, String(position));
    Deno.mkdirSync(outFolder);
    report(job, { event: "item", position, started: true });
    const started = performance.now();
    try {
      await kind.items!.runItem(contextOf(job, outFolder, signal), item, prepared);
      await moment();
      if (job.flushes) await flushFiles(outFolder);
      report(job, { event: "item", position, ms: performance.now() - started });
    } catch (error) {
      console.error(`item ${item.id}: ${withMarkedStack(error)}`);
      report(job, { event: "item", position, ms: performance.now() - started, error: shortMessage(error) });
    }
  }
}

/** @throws what the system refuses */
async function flushFiles(folder: string): Promise<void> {
  const { readFolder } = await import("../../system/read_folder.ts");
  for (const { name, isDirectory } of readFolder(folder)) {
    const path = join(folder, name);
    if (isDirectory) await flushFiles(path);
    else if (Deno.lstatSync(path).isFile) flushFile(path);
  }
}

function flushFile(path: string): void {
  using file = Deno.openSync(path);
  file.syncSync();
}

/** Libraries may leave handles open that would keep the process alive. */
function endProcess(job: KindJob, code: number): never {
  try {
    if (job.flushes) flushFile(job.eventsFile);
  } catch (error) {
    console.error(withMarkedStack(error));
    Deno.exit(REPORTS_REFUSED);
  }
  Deno.exit(code);
}

async function runJob(kind: AnyKind, job: KindJob, signal: AbortSignal): Promise<void> {
  const { mode } = job;
  const context = contextOf(job, job.outFolder, signal);
  switch (mode.do) {
    case "run":
      return await kind.run!(context);
    case "list":
      return report(job, { event: "items", items: checked(await kind.items!.list(context)) });
    case "items":
      return await runItems(kind, job, signal);
    case "collect":
      return await kind.items!.collect!(context, {
        ids: mode.ids,
        path: (id, output) => join(mode.folder, output, id),
      });
  }
}

/** Storage that lasts from one process to the next would be an input that no key has. */
function removeLastingStorage(): void {
  for (const name of ["localStorage", "caches"]) Reflect.deleteProperty(globalThis, name);
}

/** Does the job in the file that is the process's argument, with the kind that `load` imports, and ends the process. */
export async function runJobFile(load: () => Promise<{ default: AnyKind }>): Promise<never> {
  const job = JSON.parse(Deno.readTextFileSync(Deno.args[0])) as KindJob;
  const abort = new AbortController();
  Deno.addSignalListener("SIGTERM", () => abort.abort(new DOMException(TOLD_TO_END, "AbortError")));
  let failed = false;
  const fail = (error: unknown) => {
    failed = true;
    console.error(withMarkedStack(error));
    const name = error instanceof Error ? String(error.name) : undefined;
    try {
      report(job, { event: "thrown", message: shortMessage(error), name });
    } catch (refused) {
      console.error(withMarkedStack(refused));
    }
  };
  // It is no error of the code, whose log it would be in.
  const tellAborted = () => {
    failed = true;
    report(job, { event: "thrown", message: TOLD_TO_END, name: abort.signal.reason.name });
  };
  const failAtOnce = (event: Event, error: unknown) => {
    event.preventDefault();
    fail(error);
    endProcess(job, 1);
  };
  globalThis.addEventListener("unhandledrejection", (event) => failAtOnce(event, event.reason));
  globalThis.addEventListener("error", (event) => failAtOnce(event, event.error ?? event.message));
  removeLastingStorage();
  try {
    const { default: kind } = await load();
    await runJob(kind, job, abort.signal);
    await moment();
    if (abort.signal.aborted) tellAborted();
    else if (!failed) report(job, { event: "end", reported });
  } catch (error) {
    fail(error);
  }
  endProcess(job, failed ? 1 : 0);
}
