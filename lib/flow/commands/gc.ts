/** `gc` and `pin`: delete unused results from the store, and protect results from deletion. */

import { earliestNow } from "../store/file_clock.ts";
import { keyNow } from "../store/late_view.ts";
import { makeFolder, runPaths } from "../store/layout.ts";
import { replaceFile } from "../store/replace_file.ts";
import { dirname } from "node:path";
import { FlowError } from "../errors.ts";
import { oldHistory, type OldHistoryOptions } from "../history/old_history.ts";
import { bytes, count } from "../display/format.ts";
import { oldRuns } from "../history/old_runs.ts";
import { rootFolders, runRoots } from "../history/run_roots.ts";
import { pinnedRuns, runIdOf } from "../history/runs.ts";
import { type GarbageReport, LEFTOVERS_MS } from "../store/gc.ts";
import { jobsFolder } from "../slurm/files.ts";
import type { Leftovers } from "../store/leftovers.ts";
import type { Store } from "../store/store.ts";
import { isThere } from "../../system/is_there.ts";
import { oneLine } from "../display/printable.ts";
import { print, printJson, warn } from "../display/terminal.ts";
import { type CommonOptions, openStore, type Project, storeFolder } from "./open_workflow.ts";

export interface GcOptions extends CommonOptions {
  readonly olderThan?: string;
  readonly maxSize?: string;
  readonly dryRun?: boolean;
}

export async function gcCommand(project: Project, options: GcOptions): Promise<number> {
  const olderThanMs = options.olderThan === undefined ? undefined : parseAge(options.olderThan);
  const maxBytes = options.maxSize === undefined ? undefined : parseSize(options.maxSize);
  const store = openStore(project, options);
  try {
    const dryRun = options.dryRun ?? false;
    let runs: ReadonlySet<string> = new Set();
    const roots = () => {
      const found = runRoots(store.folder);
      runs = found.runs;
      return found;
    };
    const watched = rootFolders(store.folder);
    const report = store.gc({ roots, watched, olderThanMs, maxBytes, dryRun });
    const state = () =>
      [store.leases.presence(), ...watched.map((folder) => keyNow(folder)?.toString())].join();
    const calm = state();
    const isAlone = !report.disturbed && store.leases.others().length === 0;
    const before = earliestNow(store.folder) - (olderThanMs ?? LEFTOVERS_MS);
    // A run that goes on writes to the history, and may reuse what an old record names.
    const old = !isAlone ? [] : [
      oldRuns(store.folder, new Set([...runs, ...pinnedRuns(store.folder)]), before),
      oldHistory(store.folder, historyNeeds(store, report, before)),
      ...await jobLeftovers(store, before),
    ];
    // Slurm may have been asked meanwhile.
    if (state() !== calm) old.length = 0;
    if (!dryRun) old.forEach((leftovers) => leftovers.remove(store.removals));
    const files = old.reduce((sum, one) => sum + one.files, report.leftovers.files);
    const size = old.reduce((sum, one) => sum + one.bytes, report.leftovers.bytes);
    if (options.json) {
      printJson({ event: "gc", dryRun, ...report, leftovers: { files, bytes: size } });
      return 0;
    }
    const verb = dryRun ? "would free" : "freed";
    print(
      ...report.notes.map(oneLine),
      `${verb} ${bytes(report.bytes)}: ${count(report.removed.length, "result")}${kindsOf(report)}, ` +
        `${count(report.blobs, "file")}; ${bytes(report.keptBytes)} ${dryRun ? "would be" : "are"} kept`,
    );
    if (files > 0) {
      print(
        `${verb} ${bytes(size)} beside results: ${
          count(files, "leftover")
        } (old logs, run records, history, plans, jobs, partial work)`,
      );
    }
    return 0;
  } finally {
    store.close();
    for (const refused of store.removals.report()) warn(refused);
  }
}

/** What jobs on a cluster have left, where there have been some. */
async function jobLeftovers(store: Store, before: number): Promise<Leftovers[]> {
  if (!isThere(jobsFolder(store.folder))) return [];
  const { oldJobs } = await import("../slurm/old_jobs.ts");
  const found = await oldJobs(store, before);
  if (typeof found !== "string") return [found];
  warn(`what jobs have left is kept, since Slurm can't be asked which of them go on: ${found}`);
  return [];
}

/** ` (3 of joint, 2 of segment)`; empty if nothing was deleted. */
function kindsOf({ removed }: GarbageReport): string {
  const numbers = new Map<string, number>();
  for (const { kind } of removed) numbers.set(kind, (numbers.get(kind) ?? 0) + 1);
  const parts = [...numbers].sort(([, a], [, b]) => b - a).map(([kind, n]) => `${n} of ${kind}`);
  return parts.length > 0 ? ` (${parts.join(", ")})` : "";
}

/** The results and runs for which history is kept. */
function historyNeeds(store: Store, { removed }: GarbageReport, before: number): OldHistoryOptions {
  const gone = new Set(removed.map(({ key }) => key));
  const kept = new Set([...store.keys()].filter((key) => !gone.has(key)));
  const inputs = new Set([...kept].flatMap((key) => {
    const digests = Object.values(store.getRecord(key)?.manifest.inputs ?? {}).flat();
    return digests.map((digest) => (typeof digest === "string" ? digest : digest.digest));
  }));
  return { before, isKept: (key) => kept.has(key), isInput: (tree) => inputs.has(tree) };
}

/** `pin RUN` keeps the results of a run whatever gc is asked; with `remove` no longer. */
export function pinCommand(
  project: Project,
  given: string,
  options: CommonOptions & { remove?: boolean },
): number {
  const store = storeFolder(project, options);
  const run = runIdOf(store, given);
  if (options.remove) {
    if (!pinnedRuns(store).includes(run)) throw new FlowError("not-pinned", `run ${run} is not pinned`);
    Deno.removeSync(runPaths(store).pin(run));
  } else {
    makeFolder(dirname(runPaths(store).pin(run)));
    replaceFile(runPaths(store).pin(run), "");
  }
  print(`run ${run} is ${options.remove ? "no longer " : ""}pinned`);
  return 0;
}

const DAY = 24 * 3600 * 1000;
const AGES: Record<string, number> = { m: 60_000, h: 3_600_000, d: DAY, w: 7 * DAY };
const SIZES: Record<string, number> = { B: 1, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

function parseAge(text: string): number {
  return parse(text, AGES, "--older-than", "an age such as 30d (m, h, d, w)");
}

function parseSize(text: string): number {
  return parse(text, SIZES, "--max-size", "a size such as 50GB (B, kB, MB, GB, TB)");
}

function parse(text: string, units: Record<string, number>, flag: string, expected: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*([a-zA-Z]+)$/.exec(text.trim()) ?? [];
  if (!Object.hasOwn(units, unit ?? "")) {
    throw new FlowError("usage", `${flag}: given "${text}", expected ${expected}`);
  }
  return Number(number) * units[unit];
}
