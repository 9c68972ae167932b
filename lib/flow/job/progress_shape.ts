/** What a progress is, by its parts: the code of a kind may be JavaScript without types. */

import { nameOf } from "./item_shape.ts";

/** Why a value is no progress, with what was expected; undefined where it is one. */
export function progressProblem(progress: unknown): string | undefined {
  if (typeof progress !== "object" || progress === null) {
    return `the progress is ${nameOf(progress)}; expected { done, total?, unit?, values? }`;
  }
  const { done, total, unit, values = {} } = progress as Readonly<Record<string, unknown>>;
  if (!Number.isFinite(done)) return `done of the progress is ${nameOf(done)}; expected a finite number`;
  if (total !== undefined && !Number.isFinite(total)) {
    return `total of the progress is ${nameOf(total)}; expected a finite number`;
  }
  if (unit !== undefined && typeof unit !== "string") {
    return `unit of the progress is ${nameOf(unit)}; expected a text`;
  }
  if (typeof values !== "object" || values === null || Array.isArray(values)) {
    return `values of the progress are ${nameOf(values)}; expected numbers by name`;
  }
  const wrong = Object.entries(values).find(([, value]) => typeof value !== "number");
  return wrong && `the value ${wrong[0]} of the progress is ${nameOf(wrong[1])}; expected a number`;
}
