/** The fields of a task in a workflow file, and the checks of those that are numbers or lists. */
import type { Problems } from "./problems.ts";

/** All that a task may have. */
export const TASK_FIELDS = [
  "kind",
  "params",
  "inputs",
  "outputs",
  "device",
  "cores",
  "memoryMB",
  "milestones",
  "stop",
  "mayFail",
];

/** What may end a task early has these of them. */
export const STOP_FIELDS = ["kind", "params", "inputs"];

/** The field that is read, and where to tell what is wrong with it. */
export interface FieldPlace {
  readonly task: string;
  readonly field: string;
  readonly problems: Problems;
}

/** A whole number from 1, of `what`. */
export function count(value: unknown, what: string, { problems, ...where }: FieldPlace): number {
  if (Number.isSafeInteger(value) && Number(value) > 0) return Number(value);
  problems.wrong(value, `a number of ${what}, from 1`, where);
  return 1;
}

/** A list of steps. */
export function milestones(value: unknown, { problems, ...where }: FieldPlace): readonly number[] {
  const isStep = (step: unknown) => Number.isSafeInteger(step) && Number(step) > 0;
  if (Array.isArray(value) && value.every(isStep)) return value;
  problems.wrong(value, "a list of steps, each a whole number from 1", where);
  return [];
}

/** A list of names of errors and exit codes. */
export function failures(value: unknown, { problems, ...where }: FieldPlace): readonly (string | number)[] {
  const isFailure = (one: unknown) =>
    typeof one === "string" && one !== "" || Number.isInteger(one) && Number(one) > 0;
  if (Array.isArray(value) && value.length > 0 && value.every(isFailure)) return value;
  problems.wrong(value, "a list of names of errors, or of exit codes from 1", where);
  return [];
}
