/** `gc` and `pin`: what is removed from the store, and what never is. */

import { dirname } from "node:path";
import { FlowError } from "../errors.ts";
import { bytes, count } from "../run/format.ts";
import { pinFile, pinnedRuns, readRun, runIdOf, runIds, runKeys } from "../run/runs.ts";
import type { ActionKey } from "../store/types.ts";
import { print, printJson } from "./print.ts";
import { type CommonOptions, openStore, type Project, storeFolder } from "./session.ts";

export interface GcOptions extends CommonOptions {
  readonly olderThan?: string;
  readonly maxSize?: string;
  readonly dryRun?: boolean;
}

/** The last run of each workflow is a root, and of all others so many. */
const KEPT_RUNS = 10;

export function gcCommand(project: Project, options: GcOptions): number {
  const olderThanMs = options.olderThan === undefined ? undefined : parseAge(options.olderThan);
  const maxBytes = options.maxSize === undefined ? undefined : parseSize(options.maxSize);
  const store = openStore(project, options);
  try {
    const { roots, lastUsed } = rootsOf(store.folder);
    const dryRun = options.dryRun ?? false;
    const report = store.gc({ roots, lastUsed, olderThanMs, maxBytes, dryRun });
    if (options.json) {
      printJson({ event: "gc", dryRun, ...report });
      return 0;
    }
    print(...report.notes);
    const verb = dryRun ? "would free" : "freed";
    print(
      `${verb} ${bytes(report.bytes)}: ${count(report.records, "result")}, ${count(report.blobs, "file")}; ` +
        `${bytes(report.keptBytes)} ${dryRun ? "would be" : "are"} kept`,
    );
    return 0;
  } finally {
    store.close();
  }
}

/** The keys of the last and of the pinned runs, and when each key was last used. */
function rootsOf(store: string): { roots: Set<ActionKey>; lastUsed: Map<ActionKey, number> } {
  const roots = new Set<ActionKey>();
  const lastUsed = new Map<ActionKey, number>();
  const pinned = new Set(pinnedRuns(store));
  const workflows = new Set<string>();
  let newest = 0;
  for (const id of runIds(store).toReversed()) {
    const run = readRun(store, id);
    if (!run) continue;
    const isRoot = newest++ < KEPT_RUNS || pinned.has(id) || !workflows.has(run.head.workflow);
    workflows.add(run.head.workflow);
    for (const key of Object.values(runKeys(store, run))) {
      if (isRoot) roots.add(key);
      if (!lastUsed.has(key)) lastUsed.set(key, Date.parse(run.head.started));
    }
  }
  return { roots, lastUsed };
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
    Deno.removeSync(pinFile(store, run));
  } else {
    Deno.mkdirSync(dirname(pinFile(store, run)), { recursive: true });
    Deno.writeTextFileSync(pinFile(store, run), "");
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
