/**
 * The life of a task within a run, as one state machine.
 *
 *     blocked ──▶ ready ──▶ running ──▶ kept
 *        │          │ ▲        │ │
 *        │          │ └────────┘ └─────▶ failed
 *        └──────────┴──────────────────▶ skipped
 *
 * | state   | meaning                                                          | leaves it when |
 * |---------|------------------------------------------------------------------|----------------|
 * | blocked | the outputs of a task upstream are missing                       | the last of them is kept, or one fails |
 * | ready   | all its inputs are there                                         | the run starts it, or ends early |
 * | running | its key is looked up, and its action runs if nothing is cached   | it ends; an interrupted one is ready again |
 * | kept    | its outputs are in the store, from this run or an earlier one    | — |
 * | failed  | it has no outputs, and the reason is known                       | — |
 * | skipped | it was not tried: a task upstream failed, or the run ended early | — |
 */

import type { ExpandedTask } from "../definition/expanded.ts";
import { upstream } from "../definition/task_refs.ts";

export type TaskState = "blocked" | "ready" | "running" | "kept" | "failed" | "skipped";

const TRANSITIONS: Readonly<Record<TaskState, readonly TaskState[]>> = {
  blocked: ["ready", "skipped"],
  ready: ["running", "skipped"],
  running: ["kept", "failed", "ready"],
  kept: [],
  failed: [],
  skipped: [],
};

interface Node {
  readonly task: ExpandedTask;
  readonly dependents: Node[];
  state: TaskState;
  /** How many tasks upstream have no outputs yet. */
  waitsFor: number;
}

/** A task that was skipped, and the task upstream that is to blame. */
export interface Skipped {
  readonly task: ExpandedTask;
  readonly upstream: string;
  readonly upstreamState: "failed" | "skipped";
}

/** The states of all tasks of a run. Every change of a state goes through `#move`. */
export class TaskStates {
  readonly #nodes = new Map<string, Node>();
  readonly #ready: Node[] = [];
  #nextReady = 0;
  #running = 0;

  /** @param tasks in topological order; dependencies that are not among them count as cached */
  constructor(tasks: readonly ExpandedTask[]) {
    for (const task of tasks) {
      this.#nodes.set(task.id, { task, dependents: [], state: "blocked", waitsFor: 0 });
    }
    for (const node of this.#nodes.values()) {
      for (const id of upstream(node.task)) {
        const needed = this.#nodes.get(id);
        if (needed === undefined) continue;
        needed.dependents.push(node);
        node.waitsFor++;
      }
    }
    for (const node of this.#nodes.values()) if (node.waitsFor === 0) this.#makeReady(node);
  }

  get running(): number {
    return this.#running;
  }

  /** Starts the task that has been ready for the longest time; undefined where none is ready. */
  start(): ExpandedTask | undefined {
    const node = this.#ready[this.#nextReady];
    if (node === undefined) return undefined;
    this.#nextReady++;
    this.#move(node, "running");
    return node.task;
  }

  /** The outputs of a running task are in the store: what waited only for them is ready. */
  keep(id: string): void {
    const node = this.#move(this.#node(id), "kept");
    for (const dependent of node.dependents) {
      dependent.waitsFor--;
      if (dependent.waitsFor === 0 && dependent.state === "blocked") this.#makeReady(dependent);
    }
  }

  /** A running task has failed: everything downstream is skipped, and returned in the order of dependency. */
  fail(id: string): Skipped[] {
    return this.#skipDependents(this.#move(this.#node(id), "failed"), "failed");
  }

  /** A running task was interrupted: it is as if it had not been started. */
  interrupt(id: string): void {
    this.#makeReady(this.#node(id));
  }

  /** Skips all tasks that were not started. */
  skipRest(): ExpandedTask[] {
    const rest = [...this.#nodes.values()].filter(({ state }) => state === "blocked" || state === "ready");
    for (const node of rest) this.#move(node, "skipped");
    return rest.map(({ task }) => task);
  }

  #skipDependents(node: Node, state: Skipped["upstreamState"]): Skipped[] {
    return node.dependents.filter((dependent) => dependent.state === "blocked").flatMap((dependent) => {
      // Another path may have reached it since the list was made.
      if (dependent.state !== "blocked") return [];
      this.#move(dependent, "skipped");
      const skipped: Skipped = { task: dependent.task, upstream: node.task.id, upstreamState: state };
      return [skipped, ...this.#skipDependents(dependent, "skipped")];
    });
  }

  #makeReady(node: Node): void {
    this.#move(node, "ready");
    this.#ready.push(node);
  }

  #node(id: string): Node {
    const node = this.#nodes.get(id);
    if (node === undefined) throw new Error(`the task ${id} is not part of this run`);
    return node;
  }

  #move(node: Node, to: TaskState): Node {
    if (!TRANSITIONS[node.state].includes(to)) {
      throw new Error(`task ${node.task.id} cannot go from ${node.state} to ${to}`);
    }
    if (node.state === "running") this.#running--;
    if (to === "running") this.#running++;
    node.state = to;
    return node;
  }
}
