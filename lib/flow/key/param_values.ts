/** Puts values from results into the params of a task. */

import type { ExpandedTask, ParamValueRef } from "../definition/expanded.ts";
import { problemsOfIssues } from "../definition/schema.ts";
import { withValueAt } from "../definition/value_refs.ts";
import { followPath } from "../../system/dotted_path.ts";
import { FlowError } from "../errors.ts";
import type { Json } from "../json.ts";
import type { AnyKind } from "../kind.ts";
import type { Store } from "../store/store.ts";
import type { OutputRef } from "../store/types.ts";
import { earlyEndOf } from "./early_end.ts";
import type { TaskOutputs } from "./resolve.ts";

/** A param can't get its value, or the kind refuses the one that it gets. */
function refusal({ keys, task: from, output, path }: ParamValueRef, problem: string): FlowError {
  return new FlowError(
    "value-refused",
    `the param ${keys.join(".")} takes its value from ${path} in ${from}.${output}: ${problem}`,
  );
}

/**
 * The task with the values of results in its params, validated by its kind.
 *
 * @throws FlowError value-refused
 */
export async function withParamValues(
  task: ExpandedTask,
  loadKind: () => Promise<AnyKind>,
  outputsOf: (id: string) => TaskOutputs,
  store: Store,
): Promise<ExpandedTask> {
  if (task.values === undefined) return task;
  let params: unknown = task.params;
  for (const value of task.values) {
    const output = outputsOf(value.task)[value.output];
    const given = earlyEndOf(output);
    if (given !== undefined) return { ...task, given };
    params = withValueAt(params, value.keys, valueOf(value, output, store));
  }
  const { success, data, error } = (await loadKind()).params.safeParse(params);
  if (success) return { ...task, params: data };
  const [{ field = "params", message, given, expected }] = problemsOfIssues(error.issues, params);
  const [, ...keys] = field.split(".");
  const at = task.values.find((value) => value.keys.every((key, i) => keys[i] === key)) ?? task.values[0];
  throw refusal(
    at,
    [
      message,
      given === undefined ? "" : `given ${given}`,
      expected === undefined ? "" : `expected ${expected}`,
    ]
      .filter((part) => part !== "").join("; "),
  );
}

function valueOf(ref: ParamValueRef, output: OutputRef, store: Store): Json {
  const [file, ...others] = store.artifact(output)?.entries ?? [];
  if (file?.path !== "" || others.length > 0) throw refusal(ref, "that output is not a single file");
  let content: unknown;
  try {
    content = JSON.parse(store.bytes.text(file.digest));
  } catch (error) {
    throw refusal(ref, `the file is not JSON: ${(error as Error).message}`);
  }
  const end = followPath(content, ref.path);
  if ("found" in end) return end.found as Json;
  throw refusal(ref, `there is no ${end.missing}; the file has ${end.known} there`);
}
