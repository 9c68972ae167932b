/** A task in a drawing of its workflow: all its members are one node. */

import type { PlannedTask } from "../plan/plan.ts";

export type NodeState = PlannedTask["state"] | "failed";

export interface GraphNode {
  /** The name of the task. */
  readonly id: string;
  /** The number of its members. */
  readonly members: number;
  /** The number of members in each state. */
  readonly states: ReadonlyMap<NodeState, number>;
  readonly kind: string;
  readonly colour: string;
  /** The first of its members' states, in the order of {@link URGENCY}. */
  readonly state: NodeState;
  /** Names of the tasks that it takes inputs from. */
  readonly needs: readonly string[];
}

/** A member of a task and its state. */
export interface GraphMember {
  readonly task: string;
  readonly kind: string;
  readonly state: NodeState;
  /** Names of the tasks that it takes inputs from. */
  readonly needs: readonly string[];
}

/** The state that a node takes if some member has it comes before the others. */
export const URGENCY: readonly NodeState[] = ["failed", "run", "may-run", "blocked", "kept"];

/** A node for the members of each task, in the order of their first members. */
export function nodesOf(
  members: readonly GraphMember[],
  colours: Readonly<Record<NodeState, string>>,
): GraphNode[] {
  const groups = Map.groupBy(members, ({ task }) => task);
  return [...groups].map(([id, own]) => {
    const states = new Map(
      URGENCY.flatMap((state) => {
        const count = own.filter((member) => member.state === state).length;
        return count > 0 ? [[state, count] as const] : [];
      }),
    );
    const [state] = states.keys();
    const needs = [...new Set(own.flatMap(({ needs }) => needs))];
    return { id, kind: own[0].kind, members: own.length, states, state, colour: colours[state], needs };
  });
}

/** The name of a node in a drawing: `joint`, or `joint × 12` for a task with so many members. */
export function labelOf({ id, members }: GraphNode): string {
  return members > 1 ? `${id} × ${members}` : id;
}

/** The states of a node's members: `kept`, or `3 run, 9 kept`. */
export function statesText({ members, states, state }: GraphNode): string {
  if (members === 1) return state;
  return [...states].map(([name, count]) => `${count} ${name}`).join(", ");
}
