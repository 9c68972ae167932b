/** A task in a drawing of its workflow. */

import type { PlannedTask } from "../plan/plan.ts";

export type NodeState = PlannedTask["state"] | "failed";

export interface GraphNode {
  readonly id: string;
  readonly kind: string;
  readonly colour: string;
  readonly state: NodeState;
  /** Ids of the tasks that it takes inputs from. */
  readonly needs: readonly string[];
}
