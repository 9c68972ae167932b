/** Collects the errors of a workflow, each once. */
import { nearest } from "../suggest.ts";
import type { OpenInput } from "./expanded.ts";
import { type Problem, show } from "./workflow_error.ts";

export class Problems {
  readonly list: Problem[] = [];
  /** What is no mistake of the workflow: inputs that it leaves to the user. */
  readonly open: OpenInput[] = [];
  readonly #seen = new Set<string>();

  add(problem: Problem): void {
    // The members of a task share their mistakes; the first one stands for all.
    const key = JSON.stringify([problem.task?.replace(/\[.*/, ""), problem.field, problem.message]);
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.list.push(problem);
  }

  /** A name that is not among the known ones. */
  unknown(
    what: string,
    given: string,
    known: readonly string[],
    where: { task?: string; field?: string },
  ): void {
    const shown = known.slice(0, 12).join(", ") + (known.length > 12 ? `, … (${known.length})` : "");
    this.add({
      ...where,
      message: `there is no ${what} ${show(given)}`,
      expected: known.length > 0 ? `one of ${shown}` : `no ${what} at all`,
      suggestion: nearest(given, known),
    });
  }

  wrong(given: unknown, expected: string, where: { task?: string; field?: string }): void {
    this.add({ ...where, message: "it has the wrong form", given: show(given), expected });
  }
}
