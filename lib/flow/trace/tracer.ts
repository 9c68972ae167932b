/** Traces the processes of actions, and collects the files that they read and their keys do not cover. */

import type { ResolvedTask } from "../key/resolve.ts";
import type { ProcessOptions, ProcessResult } from "../process/process.ts";
import { type Cover, Coverage, type PreparedAction } from "./coverage.ts";
import { type FileRead, FileReads } from "./file_reads.ts";
import { runTraced, type Strace } from "./strace.ts";

/** Of one task, and of the system's files of all tasks, so many are known by name. */
const MOST_NAMED = 10_000;

/** What a task read, with each path once. */
export interface TracedReads {
  /** In the order in which they were first read; inputs of items by their paths in the work folder. */
  readonly uncovered: readonly FileRead[];
  /** Whether there were more than could be remembered. */
  readonly isCut: boolean;
  /** Whether files may have been read by io_uring, which strace does not show. */
  readonly hasRing: boolean;
}

/** What is known of one task so far. */
interface Found {
  readonly uncovered: Map<string, FileRead>;
  isCut: boolean;
  hasRing: boolean;
}

/** Runs processes under strace, and knows what each task has read by them. */
export class Tracer {
  readonly #reads = new Map<string, Found>();
  readonly #others = { system: new Set<string>(), deno: new Set<string>() };

  /** @param codeOf the files of the code that the process of a task runs */
  constructor(readonly strace: Strace, readonly codeOf: (task: ResolvedTask) => Promise<readonly string[]>) {}

  async run(
    process: ProcessOptions,
    start: (options: ProcessOptions) => Promise<ProcessResult>,
    action: Omit<PreparedAction, "code" | "cwd">,
  ): Promise<ProcessResult> {
    const { task, kind } = action.resolved;
    const code = kind.isProgram ? [] : await this.codeOf(action.resolved);
    const coverage = new Coverage({ ...action, cwd: process.cwd, code });
    const found = this.#of(task.id);
    const own = Deno.realPathSync(process.cwd);
    const reads = new FileReads(
      own,
      (read) => {
        const path = read.path.startsWith(`${own}/`) ? read.path.slice(own.length + 1) : read.path;
        this.#take(found, { ...read, path }, coverage.of(read.path));
      },
      () => (found.hasRing = true),
    );
    const result = await runTraced({
      strace: this.strace,
      folder: action.temporary,
      process,
      start,
      onLine: (line) => reads.take(line),
    });
    reads.end();
    return result;
  }

  readsOf(task: string): TracedReads {
    const { uncovered, isCut, hasRing } = this.#of(task);
    return { uncovered: [...uncovered.values()], isCut, hasRing };
  }

  /** How many files of the system, and of Deno, all tasks have read; `MOST_NAMED` stands for any larger number. */
  get others(): { readonly system: number; readonly deno: number } {
    return { system: this.#others.system.size, deno: this.#others.deno.size };
  }

  #of(task: string): Found {
    const known: Found = this.#reads.get(task) ?? { uncovered: new Map(), isCut: false, hasRing: false };
    this.#reads.set(task, known);
    return known;
  }

  #take(found: Found, read: FileRead, cover: Cover): void {
    if (cover === "key") return;
    if (cover !== "none") {
      if (this.#others[cover].size < MOST_NAMED) this.#others[cover].add(read.path);
    } else if (found.uncovered.has(read.path)) return;
    else if (found.uncovered.size < MOST_NAMED) found.uncovered.set(read.path, read);
    else found.isCut = true;
  }
}
