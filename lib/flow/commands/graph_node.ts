/** A task in a drawing of its workflow: all its members are one node. */

import type { PlannedTask } from "../plan/plan.ts";

export type NodeState = PlannedTask["state"] | "failed";

export interface GraphNode {
  /** The name of the task; of several that are drawn as one what their names have in common: `…-joint`. */
  readonly id: string;
  /** The names of the tasks, where there are several. */
  readonly tasks: readonly string[];
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
    return {
      id,
      tasks: [id],
      kind: own[0].kind,
      members: own.length,
      states,
      state,
      colour: colours[state],
      needs,
    };
  });
}

/** A drawing of more boxes is too wide to be read. */
const MOST_NODES = 60;

/**
 * Of a drawing with many nodes one for all tasks of the same kind that come after tasks of the same kinds: the rows of a
 * study, which have the same stages, are drawn once. Smaller drawings stay as they are.
 */
export function joinedNodes(
  nodes: readonly GraphNode[],
  colours: Readonly<Record<NodeState, string>>,
): GraphNode[] {
  if (nodes.length <= MOST_NODES) return [...nodes];
  const places = new Map<string, number>();
  const placeOf = new Map<string, number>();
  // A task comes after those it needs.
  for (const { id, kind, needs } of nodes) {
    const above = [...new Set(needs.map((need) => placeOf.get(need)!))].sort((a, b) => a - b);
    const place = JSON.stringify([kind, above]);
    if (!places.has(place)) places.set(place, places.size);
    placeOf.set(id, places.get(place)!);
  }
  const groups = [...Map.groupBy(nodes, ({ id }) => placeOf.get(id)!).values()];
  const names = new Map<string, string>();
  const taken = new Map<string, number>();
  for (const group of groups) {
    const tasks = group.map(({ id }) => id);
    const common = commonName(tasks);
    const count = (taken.get(common) ?? 0) + 1;
    taken.set(common, count);
    const name = count > 1 ? `${common} (${count})` : common;
    for (const task of tasks) names.set(task, name);
  }
  return groups.map((group): GraphNode => {
    const states = new Map(URGENCY.flatMap((state) => {
      const count = group.reduce((sum, { states }) => sum + (states.get(state) ?? 0), 0);
      return count > 0 ? [[state, count] as const] : [];
    }));
    const [state] = states.keys();
    return {
      id: names.get(group[0].id)!,
      tasks: group.map(({ id }) => id),
      kind: group[0].kind,
      members: group.reduce((sum, { members }) => sum + members, 0),
      states,
      state,
      colour: colours[state],
      needs: [...new Set(group.flatMap(({ needs }) => needs.map((need) => names.get(need)!)))],
    };
  });
}

/** The parts at the ends of names, between hyphens, that all of them have: `…-joint`, `data-…`. */
function commonName(names: readonly string[]): string {
  if (names.length === 1) return names[0];
  const all = names.map((name) => name.split("-"));
  const shortest = Math.min(...all.map((parts) => parts.length));
  const alike = (from: (parts: readonly string[], i: number) => string) => {
    let count = 0;
    while (count < shortest && new Set(all.map((parts) => from(parts, count))).size === 1) count++;
    return count;
  };
  const end = alike((parts, i) => parts[parts.length - 1 - i]);
  if (end > 0) return `…-${all[0].slice(-end).join("-")}`;
  const begin = alike((parts, i) => parts[i]);
  return begin > 0 ? `${all[0].slice(0, begin).join("-")}-…` : "…";
}

/** The name of a node in a drawing: `joint`, or `joint × 12` for so many members. */
export function labelOf({ id, members }: GraphNode): string {
  return members > 1 ? `${id} × ${members}` : id;
}

/** The states of a node's members: `kept`, or `3 run, 9 kept`. */
export function statesText({ members, states, state }: GraphNode): string {
  if (members === 1) return state;
  return [...states].map(([name, count]) => `${count} ${name}`).join(", ");
}
