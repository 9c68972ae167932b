/** `verify --rebuild` and `--trace`: does running again give the same bits, and does it read only what its key covers? */

import { fileURLToPath } from "node:url";
import { bundle } from "../bundle.ts";
import { count } from "../display/format.ts";
import { oneLine } from "../display/printable.ts";
import { note, print, printJson } from "../display/terminal.ts";
import { FlowError } from "../errors.ts";
import { kindFile } from "../kind_file.ts";
import type { ResolvedTask } from "../key/resolve.ts";
import { planTasks } from "../plan/plan.ts";
import { namedTasks } from "../plan/select.ts";
import { sha256Hex } from "../store/digest.ts";
import { findStrace } from "../trace/strace.ts";
import { type TracedReads, Tracer } from "../trace/tracer.ts";
import { displayFor } from "./display.ts";
import { fetchOutputs } from "./fetched.ts";
import { REBUILD, rebuildTask } from "./rebuild.ts";
import { type CommonOptions, type OpenWorkflow, openWorkflow, type Project } from "./open_workflow.ts";

/** So many files of a task are printed; `--json` has all. */
const MOST_PRINTED = 20;

const HOW = { read: "reads", run: "runs", listed: "lists", taken: "moves or links" };

/** The tasks to run again. */
export interface ChosenTasks {
  /** All of the workflow where there are none. */
  readonly names: readonly string[];
  /** So many of them, at random; the same for the same seed. */
  readonly sample?: { readonly size: number; readonly seed: number };
}

/**
 * Runs tasks again and compares their outputs.
 *
 * @param traced whether the files that they read are compared with what their keys cover
 * @returns whether all was the same, and nothing else was read
 * @throws FlowError not-run, no-strace, rebuild-failed, …
 */
export async function verifyRebuild(
  project: Project,
  workflowName: string,
  { names, sample }: ChosenTasks,
  traced: boolean,
  options: CommonOptions,
): Promise<boolean> {
  const strace = traced ? await findStrace() : undefined;
  const opened = await openWorkflow(project, workflowName, [], options);
  try {
    await opened.store.beginUse();
    const tracer = strace && new Tracer(strace, (task) => codeOf(opened, task));
    const wanted = new Set(namedTasks(opened.workflow, names));
    const planned = await planTasks(opened.tasks, opened.resolver, opened.history);
    const kept = planned.filter(({ task }) => wanted.has(task)).map((action) => {
      if (action.state === "kept") return action;
      throw new FlowError("not-run", `${action.task.id} has no cached result to compare with; run it first`);
    });
    const chosen = sample === undefined ? kept : sampleOf(kept, sample);
    if (sample !== undefined) {
      note(`${chosen.length} of ${count(kept.length, "task")}, chosen by --seed ${sample.seed}`);
    }
    for (const { task: { id }, resolved, record } of chosen) {
      const inputs = resolved.inputs.flatMap((input) => input.from === "task" ? input.output : []);
      await fetchOutputs(opened.shared, id, [...inputs, ...Object.values(record.outputs)]);
    }
    const observer = await displayFor(options);
    const begin = performance.now();
    const differing: string[] = [];
    let ran = 0;
    observer.started?.({ run: REBUILD, workflow: opened.workflow.name, actions: chosen.length });
    try {
      for (const { task: { id }, resolved, record } of chosen) {
        const { differences, compared, ms } = await rebuildTask(opened, resolved, record, observer, tracer);
        const same = differences.length === 0;
        const verdict = same ? "reproduced" : "not reproduced";
        const reason = compared > 1 ? `${verdict}, ${compared} results compared` : verdict;
        observer.actionEnded?.({ outcome: "ran", id, key: record.key, ms, reason });
        ran++;
        const reads = tracer?.readsOf(id);
        differing.push(...differences.map((line) => `${id}: ${line}`), ...(reads ? linesOf(id, reads) : []));
        if (options.json) printJson({ event: "rebuild", id, same, compared, differences, ...reads });
      }
    } finally {
      const none = { reused: 0, joined: 0, failed: 0, skipped: 0, savedMs: 0 };
      const ms = performance.now() - begin;
      observer.ended?.({ ...none, ran, ms, store: opened.store.folder, run: REBUILD });
    }
    if (!options.json) print(...differing, ...(tracer ? [othersOf(tracer)] : []));
    return differing.length === 0;
  } finally {
    opened.store.close();
  }
}

/** In the order of the tasks. */
function sampleOf<T extends { readonly task: { readonly id: string } }>(
  tasks: readonly T[],
  { size, seed }: NonNullable<ChosenTasks["sample"]>,
): T[] {
  const place = new Map(tasks.map((one) => [one, sha256Hex(`${seed} ${one.task.id}`)]));
  const first = new Set(tasks.toSorted((a, b) => place.get(a)! < place.get(b)! ? -1 : 1).slice(0, size));
  return tasks.filter((one) => first.has(one));
}

function linesOf(id: string, { uncovered, isCut, hasRing }: TracedReads): string[] {
  const lines = uncovered.slice(0, MOST_PRINTED).map(({ path, how }) =>
    oneLine(
      `${id}: ${HOW[how]} ${path}, which ${
        path.startsWith("/") ? "its key does" : "the keys of its items do"
      } not cover`,
    )
  );
  const more = uncovered.length - lines.length;
  if (more > 0) lines.push(`${id}: and ${isCut ? "at least " : ""}${more} more; --json lists them`);
  if (hasRing) lines.push(`${id}: can read files by io_uring, which strace does not show`);
  return lines;
}

function othersOf({ others: { system, deno } }: Tracer): string {
  return `beside these, ${count(system, "file")} of the system and ${
    count(deno, "file")
  } of Deno were read, ` +
    "which no key covers";
}

/** The files that the fingerprint of a task's code covers, and the engine's own in its process. */
async function codeOf(opened: OpenWorkflow, { task, kind }: ResolvedTask): Promise<readonly string[]> {
  const { module, files = {} } = kind.models ?? {};
  const processes = [
    fileURLToPath(new URL("../job/kind_process.ts", import.meta.url)),
    kindFile(task.kind, opened.kindFolder, opened.ownKinds),
    ...(module === undefined ? [] : [fileURLToPath(module)]),
    ...Object.values(files),
  ];
  // Deno loads also modules of which only types are imported, and uses nothing of them.
  const options = { format: "esm", minify: false, everyImport: true } as const;
  const bundles = await Promise.all(processes.map((file) => bundle(file, options)));
  return [...kind.files, ...bundles.flatMap(({ modules }) => modules)];
}
