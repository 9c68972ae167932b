/** Results of tasks that end early, and of those that follow them: they are kept without a process of their own. */

import { join } from "node:path";
import { OF_STOP } from "../definition/task_refs.ts";
import { earlyEndOf, endText } from "../key/early_end.ts";
import type { InputDeclaration } from "../kind.ts";
import type { EarlyEnd, Facts, OutputRef } from "../store/types.ts";
import { type ActionResult, runAction } from "./action.ts";
import type { Engine } from "./engine.ts";
import type { RunnableTask } from "./runnable.ts";
import { taskAction } from "./task_action.ts";

/** How a task ends because one that it depends on has; undefined where it is to run. A failure goes before a stop. */
export function givenEnd(resolved: RunnableTask): EarlyEnd | undefined {
  const { task, loaded, inputs } = resolved;
  if (task.given !== undefined) return task.given;
  const ended = inputs.flatMap((input) => {
    const end = input.from === "task" ? earlyEndOf(input.output) : undefined;
    return end === undefined || input.name.startsWith(OF_STOP) ? [] : [{ name: input.name, end }];
  });
  if (ended.length === 0) return undefined;
  const declared: "any" | Readonly<Record<string, InputDeclaration>> = typeof loaded.inputs === "function"
    ? loaded.inputs(task.params)
    : loaded.inputs;
  const refused = ended.flatMap(({ name, end }) =>
    declared === "any" || declared[name]?.takesEnds !== true ? end : []
  );
  return refused.includes("failed") ? "failed" : refused[0];
}

/** Where an output comes from: another result, or the file that stands for the end. */
type Made = OutputRef | EarlyEnd;

/** Keeps the outputs as the result of the task. */
export async function keepMade(
  engine: Engine,
  resolved: RunnableTask,
  made: (output: string) => Made,
  { end, ended, reason }: { end: Pick<Facts, "ended" | "endState">; ended?: string; reason: string },
): Promise<ActionResult> {
  const outputs = resolved.task.outputs.map((name) => ({ name, from: made(name) }));
  const kept = outputs.flatMap(({ name, from }) =>
    typeof from === "string" ? [] : [[name, engine.store.artifact(from)?.entries ?? []] as const]
  );
  const result = await runAction(engine, {
    ...taskAction(engine, resolved, reason),
    inputs: [],
    request: { cpu: 1, memoryMB: 0, gpu: 0 },
    bytes: 0,
    launcher: () => Promise.resolve(undefined),
    scratch: undefined,
    end,
    produce(workspace) {
      for (const { name, from } of outputs) {
        if (typeof from === "string") Deno.writeTextFileSync(join(workspace.out, name), endText(from));
      }
      const process = { reason: { kind: "ok" } as const, ms: 0, cpuMs: 0, peakBytes: 0 };
      return Promise.resolve({ ...process, kept: Object.fromEntries(kept) });
    },
  });
  return result.result === "ran" ? { ...result, ended } : result;
}
