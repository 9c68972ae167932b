/** The inputs that a kind declares, and whether a task gives these. */
import type { AnyKind, InputDeclaration } from "../kind.ts";
import type { Problems } from "./problems.ts";
import type { ReadTask } from "./read_definition.ts";
import { isStop } from "./stops.ts";

/** The inputs of a kind with these params; undefined where the params are invalid, or the kind can't tell. */
export function declaredInputs(
  kind: AnyKind,
  params: Record<string, unknown> | undefined,
  id: string,
  problems: Problems,
): Record<string, InputDeclaration> | "any" | undefined {
  if (typeof kind.inputs !== "function") return kind.inputs;
  if (!params) return undefined;
  try {
    return kind.inputs(params);
  } catch (error) {
    problems.add({
      task: id,
      field: "inputs",
      message: `kind ${kind.name} can't determine its inputs: ${(error as Error).message}`,
    });
  }
}

/** Whether the inputs that a task gives are those of its kind. */
export function inputsFit(
  task: ReadTask,
  kind: AnyKind,
  declarations: Record<string, InputDeclaration> | "any",
  id: string,
  problems: Problems,
): boolean {
  if (declarations === "any") return true;
  let fits = true;
  const misfit = (name: string, tell: (where: { task: string; field: string }) => void) => {
    fits = false;
    tell({ task: id, field: `inputs.${name}` });
  };
  for (const [name, { list, references }] of task.inputs) {
    if (!Object.hasOwn(declarations, name)) {
      const known = Object.keys(declarations);
      misfit(name, (where) => problems.unknown(`input of kind ${kind.name}`, name, known, where));
    } else if (list && !declarations[name].many) {
      const message = "it takes one output or source, not a list";
      misfit(name, (where) => problems.add({ ...where, message, expected: '"task.output"' }));
    } else if (list && references.length === 0 && !declarations[name].optional) {
      misfit(name, (where) => problems.wrong([], "at least one output or source", where));
    }
  }
  for (const [name, { about, optional, open }] of Object.entries(declarations)) {
    if (optional || task.inputs.has(name) || open !== undefined && task.inputs.has(open)) continue;
    // It is the chain's.
    if (isStop(task) && name === "log") continue;
    if (open !== undefined) {
      const field = `${task.name}.${open}`;
      problems.open.push({ id, field, about: declarations[open].about });
      continue;
    }
    misfit(name, (where) => problems.add({ ...where, message: "it is missing", expected: about }));
  }
  return fits;
}
