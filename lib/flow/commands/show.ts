/** `show`: the state of a task, its result, and its last run. */

import { bytes, duration } from "../display/format.ts";
import { logLines } from "../display/log_text.ts";
import { oneLine, printableJson } from "../display/printable.ts";
import { type KeptLog, type LastRun, logOf } from "../history/last_run.ts";
import type { Store } from "../store/store.ts";
import type { ActionRecord, FileDigest, OutputRef } from "../store/types.ts";
import { print, printJson } from "../display/terminal.ts";
import { fetchOutputs } from "./fetched.ts";
import { type OneTask, whyNot, withTask, WOULD } from "./one_task.ts";
import type { CommonOptions, Project } from "./open_workflow.ts";

/** The number of files listed for an output; the rest are counted (`get` and `--json` give all). */
const MOST_FILES = 10;

export function showCommand(
  project: Project,
  workflowName: string,
  taskName: string,
  options: CommonOptions,
): Promise<number> {
  return withTask(project, workflowName, taskName, options, async (task) => {
    const { planned, store, shared } = task;
    if (planned.state === "kept") {
      await fetchOutputs(shared, planned.task.id, Object.values(planned.record.outputs));
    }
    const identity = "resolved" in planned ? planned.resolved : undefined;
    const record = planned.state === "kept" ? planned.record : undefined;
    const last = record ? undefined : task.lastRun();
    const lastRecord = last?.key === undefined ? undefined : store.getRecord(last.key);
    if (options.json) {
      const { id } = planned.task;
      const { key, manifest } = identity ?? {};
      const lastRun = last && { ...last, record: lastRecord };
      const paths = record && pathsOf(store, record);
      printJson({ event: "show", id, state: planned.state, key, manifest, record, paths, lastRun });
      return 0;
    }
    print(`task      ${planned.task.id} (${stateOf(task)})`);
    if (identity) {
      print(`key       ${identity.key}`, `manifest  ${indented(printableJson(identity.manifest, 2))}`);
    }
    if (record) {
      print(...describeRecord(store, record));
      printLog(await logOf(store, { key: record.key, outcome: "ran" }));
    }
    if (last) {
      print(...describeLast(store, last, lastRecord, identity?.key));
      printLog(await logOf(store, last));
    }
    return 0;
  });
}

function stateOf({ planned }: OneTask): string {
  if (planned.state === "kept") return "kept";
  return `${WOULD[planned.state]}: ${whyNot(planned)}`;
}

/** The last run of a task that has no result now: one that failed, or from before something changed. */
function describeLast(
  store: Store,
  last: LastRun,
  record: ActionRecord | undefined,
  key: string | undefined,
): string[] {
  const how = last.outcome === "failed" ? `failed: ${last.reason}` : "since then something changed";
  return [
    `last run  ${[last.run, last.started].filter(Boolean).join(", ")}, ${how}`,
    ...(last.key === undefined || last.key === key ? [] : [`its key   ${last.key}`]),
    ...(record ? describeRecord(store, record) : []),
  ];
}

function describeRecord(store: Store, { facts, outputs }: ActionRecord): string[] {
  const { started, ms, cpuMs, peakMemoryBytes, device, host, attempts, run, inputs, notIsolated } = facts;
  const memory = peakMemoryBytes ? `, ${bytes(peakMemoryBytes)} of memory at most` : "";
  return [
    `run       ${run}, ${started}, on ${host} (${device}), attempt ${attempts ?? 1}`,
    `time      ${duration(ms)}, ${duration(cpuMs ?? 0)} of CPU${memory}`,
    ...(inputs
      ? [`inputs    ${inputs}${notIsolated ? ` (not isolated: ${oneLine(notIsolated)})` : ""}`]
      : []),
    ...Object.entries(outputs).flatMap(([name, output]) => describeOutput(store, name, output)),
  ];
}

function describeOutput(store: Store, name: string, output: OutputRef): string[] {
  const title = `output    ${name}  ${output.digest}  ${bytes(output.bytes)}`;
  if (output.file) return [`${title}  ${placeOf(store, output.file.digest)}`];
  const entries = store.artifact(output)?.entries ?? [];
  const more = entries.length - MOST_FILES;
  return [
    `${title}  ${output.files} files`,
    ...entries.slice(0, MOST_FILES).map(({ path, digest }) => `          ${path}  ${placeOf(store, digest)}`),
    ...(more > 0 ? [`          … and ${more} more`] : []),
  ];
}

/** Where a file of a result is. */
function placeOf(store: Store, digest: FileDigest): string {
  const { path, at } = store.bytes.placeOf(digest);
  return at === undefined ? path : `${path} from byte ${at}`;
}

/** Where the files of a result are in the store, by output and path; those of items may be in packs, and are left out. */
function pathsOf(store: Store, { outputs }: ActionRecord): Record<string, Record<string, string>> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, output]) => {
      const entries = store.artifact(output)?.entries ?? [];
      const files = entries.flatMap(({ path, digest }) => {
        const place = store.bytes.placeOf(digest);
        return place.at === undefined ? [[path, place.path]] : [];
      });
      return [name, Object.fromEntries(files)];
    }),
  );
}

function printLog(log: KeptLog | undefined): void {
  if (log?.path === undefined) return;
  let title = "log       ";
  for (const lines of logLines(log.path)) {
    print(...lines.map((line, i) => (i === 0 ? title : "          ") + line));
    title = "          ";
  }
}

const indented = (text: string) => text.replaceAll("\n", "\n          ");
