/** A run of which one system call fails, each in turn: strace lets the call on a file of the workflow or the store fail. */

import assert from "node:assert/strict";
import { refusalOf } from "../../../lib/flow/failure.ts";
import { Store } from "../../../lib/flow/store/store.ts";
import type { ActionKey } from "../../../lib/flow/store/types.ts";
import { inProject, type Project, type Result, resultOf } from "../cli.ts";

/** All by which a run changes or reads files; `close`, `fcntl` and `lseek` have no errors that a program can act on. */
const CALLS = [
  "openat,read,write,pread64,pwrite64,getdents64,statx,newfstatat,readlink,mkdir,rename,unlink,unlinkat,rmdir",
  "linkat,symlink,chmod,fchmod,ftruncate,fsync,fdatasync,utimensat,copy_file_range,statfs",
].join(",");

export const FAULTS = ["EIO", "ENOSPC", "EACCES", "ESTALE"] as const;
export type Fault = typeof FAULTS[number];

/** The `nth` call of its name in the engine's main thread. */
export interface Point {
  readonly call: string;
  readonly nth: number;
  /** The call with its paths, without what differs from run to run. */
  readonly site: string;
}

/** How a run ended of which a system call failed. */
export interface Outcome extends Point {
  readonly fault: Fault;
  /** The call that failed with its paths, as strace writes it; undefined where none of this workflow's files was hit. */
  readonly hit: string | undefined;
  readonly code: number;
  readonly said: string;
  /** What must not be; empty where all is well. */
  readonly problems: readonly string[];
}

export async function hasStrace(): Promise<boolean> {
  try {
    const { success } = await new Deno.Command("strace", { args: ["-o", "/dev/null", "true"] }).output();
    return success;
  } catch {
    return false;
  }
}

/** The system calls of a whole run that touch its workflow or its store. */
export function pointsOfRun(): Promise<Point[]> {
  return inFreshProject(async (project) => {
    // The first compiles, and fills the caches of Deno.
    await project.call("run", "probe.ts");
    Deno.removeSync(project.path("store"), { recursive: true });
    const { result, trace } = await traced(project, []);
    assert.equal(result.code, 0, result.err);
    const counts = new Map<string, number>();
    return trace.flatMap((line) => {
      const call = line.slice(0, line.indexOf("("));
      const nth = (counts.get(call) ?? 0) + 1;
      counts.set(call, nth);
      return touches(line, project) ? [{ call, nth, site: siteOf(line, project) }] : [];
    });
  });
}

/**
 * A run in a fresh store of which one call fails, then one that nothing disturbs.
 *
 * @param staying whether all later calls of the name fail as well, as on a disk that has failed for good
 */
export function tryFault(point: Point, fault: Fault, staying = false): Promise<Outcome> {
  return inFreshProject(async (project) => {
    const { call, nth } = point;
    const { result, trace } = await traced(project, [
      "-e",
      `inject=${call}:error=${fault}:when=${nth}${staying ? "+" : ""}`,
    ]);
    const injected = trace.find((line) => line.includes("(INJECTED)"));
    const hit = injected && touches(injected, project)
      ? injected.replaceAll(project.folder, "PROJECT")
      : undefined;
    const problems: string[] = [];
    if (hit !== undefined) {
      const { code, err, out } = result;
      if (code === 0) problems.push(...await wrongResults(project, "the run"));
      else problems.push(...reasonProblems(err + out, fault));
      const warnings = err.split("\n").filter((line) => line.startsWith("warning:"));
      if (!warnings.every((line) => tells(line, fault))) problems.push("a warning has another cause");
      if (STACK.test(err + out)) problems.push("it printed a stack");
      const next = await project.call("run", "probe.ts");
      if (next.code !== 0) problems.push(`the next run ended ${next.code}: ${next.err}`);
      else problems.push(...await wrongResults(project, "the next run"));
    }
    return { ...point, fault, hit, code: result.code, said: result.err + result.out, problems };
  });
}

const STACK = /^\s+at .*:\d+:\d+\)?$/m;

function reasonProblems(said: string, fault: Fault): string[] {
  // The reason of an item is on a line of its own, below that of its task.
  const reasons = said.split("\n").filter((line) => /^(error:|FAILED|\s+a:) .*\S/.test(line));
  if (reasons.length === 0) return ["it failed without a reason"];
  return reasons.some((line) => tells(line, fault)) ? [] : ["its reason is not what the system said"];
}

/** Does a line have the words for what the system refused? */
function tells(line: string, fault: Fault): boolean {
  return line.includes(fault === "ENOSPC" ? "no space left" : refusalOf({ code: fault })!);
}

function inFreshProject<T>(body: (project: Project) => Promise<T>): Promise<T> {
  let answer: T;
  return inProject(async (project) => {
    project.write("text", "some text\n");
    project.write("texts/a", "of an item\n");
    project.workflow({
      items: { kind: "pages", inputs: { texts: "folder:texts" } },
      first: {
        kind: "command",
        params: { argv: ["sh", "-c", "cat in/x > out/o"] },
        inputs: { x: "file:text" },
        outputs: ["o"],
      },
      last: {
        kind: "command",
        params: { argv: ["sh", "-c", "mkdir out/o; cat in/x > out/o/a; echo more > out/o/b"] },
        inputs: { x: "first.o" },
        outputs: ["o"],
      },
    });
    answer = await body(project);
  }).then(() => answer);
}

/** Runs with only the main thread traced, which does what is not the tasks' own. */
async function traced(project: Project, options: string[]): Promise<{ result: Result; trace: string[] }> {
  const file = project.path("trace");
  const strace = ["strace", "-y", "-s", "0", "-o", file, "-e", `trace=${CALLS}`, ...options];
  const result = await resultOf(project.spawnBy((argv) => [...strace, ...argv], "run", "probe.ts"));
  const trace = Deno.readTextFileSync(file).split("\n").filter((line) => /^[a-z]/.test(line));
  return { result, trace };
}

function siteOf(line: string, project: Project): string {
  return line.replaceAll(project.folder, "PROJECT").replace(/(\) )? *= .*/, "")
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16,}|\d+/g, "#");
}

/** strace adds the working folder to every call that is given a path. */
function touches(line: string, project: Project): boolean {
  return line.replaceAll(/AT_FDCWD<[^>]*>/g, "").includes(project.folder);
}

/** The result of `last`, and the whole store, as they are on the disk: another process of the program would take longer. */
async function wrongResults(project: Project, whose: string): Promise<string[]> {
  const problems: string[] = [];
  const store = Store.open(project.path("store"), "the test");
  try {
    const record = store.getRecord(await (keyOfLast ??= findKeyOfLast()));
    const files = record && store.artifact(record.outputs.o)?.entries;
    const texts = files?.map(({ path, digest }) => [path, store.bytes.text(digest)]);
    if (JSON.stringify(texts) !== EXPECTED) {
      problems.push(`the result of ${whose} is ${JSON.stringify(texts)}`);
    }
    const damage = await store.verify();
    if (damage.length > 0) problems.push(`${whose} left damage: ${JSON.stringify(damage)}`);
  } finally {
    store.close();
  }
  return problems;
}

/** The files of the result of `last`. */
const EXPECTED = JSON.stringify([["a", "some text\n"], ["b", "more\n"]]);

/** It is the same in every project, since keys have no paths. */
let keyOfLast: Promise<ActionKey> | undefined;

function findKeyOfLast(): Promise<ActionKey> {
  return inFreshProject(async (project) => {
    const { events, err } = await project.run();
    return events.find(({ event, id }) => event === "action" && id === "last")?.key ?? assert.fail(err);
  });
}
