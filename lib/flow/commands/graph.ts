/** `graph`: draw a workflow, each task coloured by its state. */

import { planTasks } from "../plan/plan.ts";
import type { PlannedTask } from "../plan/plan.ts";
import { upstream } from "../definition/task_refs.ts";
import { failedLogPath } from "../store/layout.ts";
import { print } from "../display/terminal.ts";
import {
  type GraphMember,
  type GraphNode,
  joinedNodes,
  labelOf,
  nodesOf,
  type NodeState,
} from "./graph_node.ts";
import { type CommonOptions, openWorkflow, type Project } from "./open_workflow.ts";
import { isThere } from "../../system/is_there.ts";

export type GraphFormat = "mermaid" | "dot" | "svg";

const COLOURS: Record<NodeState, string> = {
  kept: "#b7e1b0",
  run: "#ffd08a",
  "may-run": "#fff2b3",
  failed: "#f4a6a0",
  blocked: "#d5d5d5",
};

export async function graphCommand(
  project: Project,
  workflowName: string,
  taskNames: readonly string[],
  options: CommonOptions & { format: GraphFormat },
): Promise<number> {
  const { store, workflow, tasks, resolver, history } = await openWorkflow(
    project,
    workflowName,
    taskNames,
    options,
  );
  try {
    const taskOf = new Map(tasks.map(({ id, task }) => [id, task]));
    const members = (await planTasks(tasks, resolver, history)).map((planned): GraphMember => {
      const { task } = planned;
      return {
        task: task.task,
        kind: task.kind,
        state: hasFailed(planned, store.folder) ? "failed" : planned.state,
        needs: upstream(task).map((id) => taskOf.get(id)!),
      };
    });
    const draw = await drawingOf(options.format);
    print(draw(workflow.name, joinedNodes(nodesOf(members, COLOURS), COLOURS)));
    return 0;
  } finally {
    store.close();
  }
}

async function drawingOf(
  format: GraphFormat,
): Promise<(name: string, nodes: readonly GraphNode[]) => string> {
  switch (format) {
    case "mermaid":
      return drawMermaid;
    case "dot":
      return drawDot;
    case "svg":
      return (await import("./svg_graph.ts")).drawSvg;
  }
}

function hasFailed(planned: PlannedTask, store: string): boolean {
  return planned.state === "run" && isThere(failedLogPath(store, planned.resolved.key));
}

function drawMermaid(_name: string, nodes: readonly GraphNode[]): string {
  const numbers = new Map(nodes.map(({ id }, i) => [id, `n${i}`]));
  const escape = (text: string) => text.replace(/["#;<>&]/g, (c) => `#${c.charCodeAt(0)};`);
  return [
    "flowchart TD",
    ...nodes.map((node) =>
      `  ${numbers.get(node.id)}["${escape(labelOf(node))}<br/><small>${escape(node.kind)}</small>"]`
    ),
    ...nodes.flatMap(({ id, needs }) => needs.map((need) => `  ${numbers.get(need)} --> ${numbers.get(id)}`)),
    ...Object.entries(COLOURS).map(([state, colour]) =>
      `  classDef ${className(state)} fill:${colour},stroke:#555,color:#000`
    ),
    ...nodes.map(({ id, state }) => `  class ${numbers.get(id)} ${className(state)}`),
  ].join("\n");
}

const className = (state: string) => state.replace("-", "");

function drawDot(name: string, nodes: readonly GraphNode[]): string {
  const quote = (text: string) => `"${text.replace(/["\\]/g, "\\$&")}"`;
  return [
    `digraph ${quote(name)} {`,
    `  node [shape=box, style="rounded,filled", fontname="sans-serif"];`,
    ...nodes.map((node) => {
      const label = quote(`${labelOf(node)}\n${node.kind}`).replaceAll("\n", "\\n");
      return `  ${quote(node.id)} [label=${label}, fillcolor="${node.colour}"];`;
    }),
    ...nodes.flatMap(({ id, needs }) => needs.map((need) => `  ${quote(need)} -> ${quote(id)};`)),
    "}",
  ].join("\n");
}
