/** Asks what may stop a chain for its verdict: an action of its own, which depends on the log and its inputs alone. */

import { join } from "node:path";
import { OF_STOP } from "../definition/task_refs.ts";
import { FlowError } from "../errors.ts";
import { ON_HOST } from "../key/compute.ts";
import { type ResolvedInput, resolveTask } from "../key/resolve.ts";
import { runtimeIdentity } from "../key/runtime.ts";
import type { ActionRecord, OutputRef } from "../store/types.ts";
import { type ActionResult, runAction } from "./action.ts";
import { type Engine, usableRecord } from "./engine.ts";
import { executeKind } from "./execute.ts";
import { lendOutput } from "./lend.ts";
import { resourceRequest } from "./request.ts";
import type { RunnableTask } from "./runnable.ts";
import { taskAction } from "./task_action.ts";

export interface Judged {
  readonly stop: boolean;
  /** The log up to where the chain is to end; the whole log where it goes on. */
  readonly log: OutputRef;
  readonly ms: number;
}

/** The verdict on a chain after a segment, or why there is none. */
export async function judge(
  engine: Engine,
  resolved: RunnableTask,
  state: ActionRecord,
  reason: string,
): Promise<Judged | Exclude<ActionResult, { readonly record: ActionRecord }>> {
  const judging = await judgeOf(resolved, state);
  const known = await usableRecord(engine, judging.key);
  if (known) return { ...readVerdict(engine, judging, known), ms: 0 };
  const result = await runAction(engine, {
    ...taskAction(engine, judging, reason),
    inputs: judging.inputs.filter(({ name }) => name !== "log"),
    request: resourceRequest(judging, engine.queue.pool.machine),
    bytes: 0,
    expectedMs: undefined,
    async produce(workspace, assignment) {
      const artifact = engine.store.artifact(state.outputs.log);
      if (!artifact) {
        throw new FlowError("store-io", "the log of the chain is damaged; run again to rebuild it");
      }
      // It is in the store of the chain's states, which need not be that of the inputs.
      const path = join(workspace.cwd, "in", "log");
      if (!workspace.isTakenUp) await lendOutput(workspace, engine.store, artifact, path);
      workspace.inputs.log = [path];
      return executeKind({
        engine,
        resolved: judging,
        workspace,
        assignment,
        mode: { do: "run" },
        scratch: engine.store.scratchFolder(judging.key),
        onEvent: () => {},
      });
    },
  });
  if (!("record" in result)) return result;
  return { ...readVerdict(engine, judging, result.record), ms: result.ms };
}

async function judgeOf({ task, stop, inputs }: RunnableTask, state: ActionRecord): Promise<RunnableTask> {
  const [own, kind] = [task.stop!, stop!];
  const log: ResolvedInput = {
    name: "log",
    digest: state.outputs.log.digest,
    from: "task",
    task: task.id,
    output: state.outputs.log,
  };
  const given = inputs.flatMap((input) =>
    input.name.startsWith(OF_STOP) ? [{ ...input, name: input.name.slice(OF_STOP.length) }] : []
  );
  const asked = { ...own, id: task.id, inputs: { ...own.inputs, log: { task: task.id, output: "log" } } };
  const resolved = resolveTask(asked, kind, [...given, log], runtimeIdentity(kind, ON_HOST));
  return { ...resolved, loaded: await kind.load() };
}

function readVerdict({ store }: Engine, { task }: RunnableTask, { outputs }: ActionRecord) {
  const refuse = (problem: string) =>
    new FlowError("verdict-refused", `kind ${task.kind}, the output verdict: ${problem}`);
  const { file } = outputs.verdict;
  if (file === undefined) throw refuse("it is a folder; expected a file of JSON");
  let found: unknown;
  try {
    found = JSON.parse(store.bytes.text(file.digest));
  } catch (error) {
    throw refuse((error as Error).message);
  }
  const { stop } = (found ?? {}) as { readonly stop?: unknown };
  if (typeof stop !== "boolean") throw refuse('expected { "stop": true } or { "stop": false }');
  return { stop, log: outputs.log };
}
