/** Expands a workflow: each task once for every place on the axes that reach it, its params validated. */
import type { AnyKind } from "../kind.ts";
import { nearest } from "../suggest.ts";
import { type AxisPlace, axisRefs, substitute } from "./axis_refs.ts";
import type { ExpandedTask, InputRef, TaskOutputRef } from "./expanded.ts";
import { Axes, MatrixError, memberSuffix } from "./matrix.ts";
import { declaredInputs, inputsFit } from "./declared_inputs.ts";
import { isOutput, MemberInputs, outputReferences, valueReferences } from "./member_inputs.ts";
import type { Combination } from "./notation.ts";
import { topologicalOrder } from "./order.ts";
import type { Problems } from "./problems.ts";
import type { OutputReference, ReadTask, ReadWorkflow } from "./read_definition.ts";
import { fieldNames, partSchemas, problemsOfIssues } from "./schema.ts";
import { reachedAxes } from "./reached_axes.ts";
import { upstream } from "./task_refs.ts";
import { checkStop, isStop } from "./stops.ts";
import { withExamples } from "./value_refs.ts";

/**
 * The expanded tasks in topological order. They are complete only if no problem was added.
 * @param overridden whether a profile or `--set` changed anything: they may give a param a value where it had an axis
 */
export function expand(
  workflow: ReadWorkflow,
  kinds: ReadonlyMap<string, AnyKind>,
  problems: Problems,
  overridden = false,
): ExpandedTask[] {
  const axes = new Axes(workflow.matrix, workflow.include, workflow.exclude);
  return new Expansion(workflow, kinds, axes, problems, overridden).tasks();
}

class Expansion {
  /** The axes that reach each task, in the order of the matrix. */
  #axesOf: ReadonlyMap<string, readonly string[]> = new Map();
  /** The references to axes in the params of each task. */
  readonly #axisRefs = new Map<string, readonly AxisPlace[]>();
  readonly #memberInputs: MemberInputs;

  constructor(
    readonly workflow: ReadWorkflow,
    readonly kinds: ReadonlyMap<string, AnyKind>,
    readonly axes: Axes,
    readonly problems: Problems,
    readonly overridden: boolean,
  ) {
    this.#memberInputs = new MemberInputs(axes, (task) => this.#axesOf.get(task) ?? []);
  }

  tasks(): ExpandedTask[] {
    const { tasks } = this.workflow;
    for (const task of tasks.values()) this.#checkTask(task);
    const order = topologicalOrder(
      tasks.keys(),
      // A member may take what its own task gave to an earlier member.
      (name) =>
        outputReferences(tasks.get(name)!)
          .flatMap(({ task, before }) => before || !tasks.has(task) ? [] : [task]),
      (path) => this.#tellCycle(path),
    );
    this.#axesOf = reachedAxes(order.map((name) => tasks.get(name)!), this.#axisRefs, this.axes);
    for (const name of order) this.#checkFanIns(tasks.get(name)!);
    this.#checkResult();
    // With wrong tasks or axes, expanding them would only repeat the same errors.
    const sound = this.problems.list.length === 0;
    const expanded: ExpandedTask[] = [];
    try {
      for (const name of order) {
        const task = tasks.get(name)!;
        if (isStop(task)) continue;
        const places = sound ? this.axes.members(this.#axesOf.get(name)!) : [undefined];
        if (places.length === 0) {
          this.problems.add({ task: name, message: "every combination of its axes is excluded" });
        }
        for (const place of places) {
          const member = this.#member(task, place);
          if (member) expanded.push(member);
        }
      }
    } catch (error) {
      if (!(error instanceof MatrixError)) throw error;
      this.problems.add({ field: "matrix", message: error.message });
    }
    const takesEarlier = [...tasks.values()].some((task) =>
      outputReferences(task).some(({ before }) => before)
    );
    return takesEarlier ? this.#inOrder(expanded) : expanded;
  }

  #tellCycle(path: readonly string[]): void {
    this.problems.add({ task: path[0], message: `it depends on itself: ${path.join(" → ")}` });
  }

  /** Sorts members so that each comes after all it depends on. */
  #inOrder(members: readonly ExpandedTask[]): ExpandedTask[] {
    const byId = new Map(members.map((member) => [member.id, member]));
    const order = topologicalOrder(
      byId.keys(),
      (id) => upstream(byId.get(id)!).filter((needed) => byId.has(needed)),
      (path) => this.#tellCycle(path),
    );
    return order.map((id) => byId.get(id)!);
  }

  /** The checks that do not need the matrix. */
  #checkTask(task: ReadTask): void {
    const where = { task: task.name };
    const kind = this.kinds.get(task.kind);
    if (kind) checkStop(task, kind, this.problems);
    if (kind) {
      const declared = kind.outputs === "declared";
      if (!declared && task.outputs) {
        this.problems.add({
          ...where,
          field: "outputs",
          message: `the outputs of kind ${kind.name} are its own: ${kind.outputs.join(", ")}`,
        });
      }
      if (declared && !task.outputs) {
        this.problems.add({
          ...where,
          field: "outputs",
          message: "it is missing",
          expected: "a list of output names",
        });
      }
    }
    for (const [name, { references }] of task.inputs) {
      for (const reference of references) {
        if (isOutput(reference)) this.#checkReference(reference, { ...where, field: `inputs.${name}` });
      }
    }
    for (const { keys, reference } of valueReferences(task)) {
      this.#checkReference(reference, { ...where, field: `params.${keys.join(".")}` });
    }
    const refs = axisRefs(task.params, "params");
    this.#axisRefs.set(task.name, refs);
    if (refs.length === 0) return;
    const known = this.axes.paths();
    for (const { path, field } of refs) {
      if (!known.includes(path)) this.problems.unknown("axis", path, known, { ...where, field });
    }
  }

  #checkReference(
    { task, output, over, before }: OutputReference,
    where: { task?: string; field: string },
  ): void {
    const producer = this.workflow.tasks.get(task);
    if (!producer) return this.problems.unknown("task", task, [...this.workflow.tasks.keys()], where);
    const outputs = this.#outputs(producer);
    if (outputs && !outputs.includes(output)) {
      this.problems.unknown(`output of ${task}`, output, outputs, where);
    }
    for (const axis of [...(over ?? []), ...(before ? [before.axis] : [])]) {
      if (!this.axes.names.includes(axis)) this.problems.unknown("axis", axis, this.axes.names, where);
    }
  }

  #checkResult(): void {
    const { result } = this.workflow;
    if (!result) return;
    this.#checkReference(result, { field: "result" });
    const { addedAxes = [] } = this.workflow;
    const axes = (this.#axesOf.get(result.task) ?? []).filter((axis) => !addedAxes.includes(axis));
    if (axes.length > 0) {
      this.problems.add({
        field: "result",
        message: `axis ${axes[0]} reaches ${result.task}, so it has several results`,
        expected: "an output of a task that takes a fan-in over all axes",
      });
    }
  }

  #outputs(task: ReadTask): readonly string[] | undefined {
    const kind = this.kinds.get(task.kind);
    return kind && kind.outputs !== "declared" ? kind.outputs : task.outputs;
  }

  /** An axis of a fan-in must reach the task whose members are taken. */
  #checkFanIns(task: ReadTask): void {
    if (this.overridden) return;
    for (const [name, { references }] of task.inputs) {
      for (const { task: producer, over = [], before } of references.filter(isOutput)) {
        const axes = this.#axesOf.get(producer);
        const idle = [...over, ...(before ? [before.axis] : [])]
          .find((axis) => this.axes.names.includes(axis) && !axes?.includes(axis));
        if (idle === undefined || !axes) continue;
        this.problems.add({
          task: task.name,
          field: `inputs.${name}`,
          message: `axis ${idle} does not reach ${producer}, so ${
            before ? "none of its members is before another" : "there is no fan-in over it"
          }`,
          suggestion: nearest(idle, axes),
        });
      }
    }
  }

  /** One member of a task; without a place it is only checked, with the first value of each axis. */
  #member(task: ReadTask, place: Combination | undefined): ExpandedTask | undefined {
    const kind = this.kinds.get(task.kind);
    if (!kind) return undefined;
    const axes = this.#axesOf.get(task.name) ?? [];
    const id = task.name + (place ? memberSuffix(axes, place) : "");
    const refs = this.#axisRefs.get(task.name)!;
    if (!place && refs.some(({ path }) => !this.axes.paths().includes(path))) return undefined;
    const at = place ?? this.axes.firstPlace();
    const params = refs.length > 0
      ? substitute(task.params, (path) => this.axes.valueAt(path, at))
      : task.params;
    const values = valueReferences(task);
    const validated = this.#validated(kind, values.length > 0 ? withExamples(params) : params, id);
    const stop = task.stop === undefined ? undefined : this.#stop(task.stop, place);
    const declarations = declaredInputs(kind, validated, id, this.problems);
    const fits = declarations !== undefined && inputsFit(task, kind, declarations, id, this.problems);
    if (!validated || !fits || !place) return undefined;
    const inputs: [string, InputRef | InputRef[]][] = [];
    for (const name of declarations === "any" ? task.inputs.keys() : Object.keys(declarations)) {
      const many = declarations === "any" ? task.inputs.get(name)!.list : declarations[name].many === true;
      const given = task.inputs.get(name);
      if (given) {
        inputs.push([
          name,
          many ? this.#memberInputs.list(given, place) : this.#memberInputs.one(given.references[0], place),
        ]);
      } else if (many) inputs.push([name, []]);
    }
    return {
      id,
      task: task.name,
      member: Object.fromEntries(axes.map((axis) => [axis, String(place[axis])])),
      kind: kind.name,
      params: validated,
      inputs: Object.fromEntries(inputs),
      outputs: this.#outputs(task) ?? [],
      ...(values.length > 0 && {
        values: values.map(({ keys, path, reference }) => {
          const { task, output } = this.#memberInputs.one(reference, place) as TaskOutputRef;
          return { keys, path, task, output };
        }),
      }),
      ...(task.device !== undefined && { device: task.device }),
      ...(task.cores !== undefined && { cores: task.cores }),
      ...(task.memoryMB !== undefined && { memoryMB: task.memoryMB }),
      ...(task.milestones !== undefined && { milestones: task.milestones }),
      ...(stop && { stop }),
      ...(task.mayFail !== undefined && { mayFail: task.mayFail }),
    };
  }

  #stop(name: string, place: Combination | undefined): ExpandedTask | undefined {
    return this.#member(this.workflow.tasks.get(name)!, place);
  }

  #validated(kind: AnyKind, params: unknown, id: string): Record<string, unknown> | undefined {
    const { success, data, error } = kind.params.safeParse(params);
    if (success) return data;
    for (const problem of problemsOfIssues(error.issues, params)) {
      // `params.coefs.sep` → the names that there are beside `sep`.
      const path = problem.field!.split(".").slice(1);
      const beside = path.slice(0, -1).reduce((schemas, key) => partSchemas(schemas, key), [kind.params]);
      const known = fieldNames(beside);
      const name = path.at(-1) ?? "";
      const isUnknown = known.length > 0 && !known.includes(name);
      this.problems.add({
        task: id,
        ...problem,
        ...(isUnknown ? { expected: `one of ${known.join(", ")}`, suggestion: nearest(name, known) } : {}),
      });
    }
  }
}
