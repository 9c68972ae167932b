/** Applies a profile and `--set` to a workflow: first the profile, then the settings in their order. */
import type { z } from "zod";
import type { AnyKind } from "../kind.ts";
import type { Override } from "./expanded.ts";
import { substitute } from "./axis_refs.ts";
import { illegalTexts } from "./illegal_text.ts";
import { firstValue } from "./first_axis_value.ts";
import type { AxisValue, Matrix } from "./notation.ts";
import { own } from "../own.ts";
import type { Problems } from "./problems.ts";
import {
  axisText,
  isPlainObject,
  type ReadInput,
  type ReadTask,
  type ReadWorkflow,
} from "./read_definition.ts";
import {
  axisValues,
  freeAxisName,
  jsonOrText,
  onAxes,
  originOf,
  partAt,
  partsOf,
  severalValues,
  sourceAt,
  takenTasks,
  valuesOf,
} from "./override_values.ts";
import { defaultOf, fieldNames, partSchemas, problemsOfIssues, valueOfText } from "./schema.ts";
import { withExamples } from "./value_refs.ts";

export interface OverrideChoice {
  readonly profile?: string;
  /** `task.param=value`, `task.input=path` or `matrix.axis=value,value`. */
  readonly set: readonly string[];
}

/** The workflow after its overrides, and the list of changes. */
export function applyOverrides(
  workflow: ReadWorkflow,
  choice: OverrideChoice,
  kinds: ReadonlyMap<string, AnyKind>,
  problems: Problems,
): { workflow: ReadWorkflow; changes: Override[] } {
  const overriding = new Overriding(workflow, kinds, problems);
  for (const name of Object.keys(workflow.profiles)) overriding.checkProfile(name);
  if (choice.profile !== undefined) overriding.profile(choice.profile);
  for (const setting of choice.set) overriding.set(setting);
  return { workflow: overriding.result(), changes: overriding.changes };
}

class Overriding {
  readonly changes: Override[] = [];
  readonly #tasks: Map<string, ReadTask>;
  readonly #matrix: Record<string, Matrix[string]>;

  constructor(
    readonly workflow: ReadWorkflow,
    readonly kinds: ReadonlyMap<string, AnyKind>,
    readonly problems: Problems,
  ) {
    this.#tasks = new Map(workflow.tasks);
    this.#matrix = { ...workflow.matrix };
  }

  result(): ReadWorkflow {
    // An included combination with a value that an override left out is left out with it.
    const kept = this.workflow.include.filter((combination) =>
      Object.entries(combination).every(([axis, value]) =>
        this.#matrix[axis] === this.workflow.matrix[axis] || valuesOf(this.#matrix[axis]).includes(value)
      )
    );
    const addedAxes = this.changes.flatMap(({ axis }) => axis ?? []);
    const include = onAxes(kept, addedAxes, this.#matrix);
    return { ...this.workflow, tasks: this.#neededTasks(), matrix: this.#matrix, include, addedAxes };
  }

  /**
   * Removes inputs that the kind no longer accepts with the new params, and tasks that were only needed for
   * a removed input.
   */
  #neededTasks(): Map<string, ReadTask> {
    const tasks = new Map([...this.#tasks].map(([name, task]) => {
      const before = this.#inputNames(this.workflow.tasks.get(name)!);
      const now = this.#inputNames(task);
      if (!before || !now) return [name, task];
      const inputs = [...task.inputs].filter(([input]) => now.has(input) || !before.has(input));
      return [name, { ...task, inputs: new Map(inputs) }];
    }));
    const wasTaken = takenTasks(this.workflow.tasks);
    for (;;) {
      const isTaken = takenTasks(tasks);
      const idle = [...tasks.keys()].filter((name) => wasTaken.has(name) && !isTaken.has(name));
      if (idle.length === 0) return tasks;
      for (const name of idle) tasks.delete(name);
    }
  }

  /** The inputs that a task's kind accepts with its params; undefined if it accepts any or the params are invalid. */
  #inputNames({ kind, params }: ReadTask): Set<string> | undefined {
    const declared = this.kinds.get(kind);
    if (!declared || declared.inputs === "any") return undefined;
    if (typeof declared.inputs !== "function") return new Set(Object.keys(declared.inputs));
    const member = withExamples(substitute(params, (path) => firstValue(this.#matrix, path)));
    const { success, data } = declared.params.safeParse(member);
    return success ? new Set(Object.keys(declared.inputs(data))) : undefined;
  }

  /** Names are checked in every profile, chosen or not. */
  checkProfile(name: string): void {
    for (const [task, params] of Object.entries(this.workflow.profiles[name])) {
      const field = `profiles.${name}.${task}`;
      if (task === "matrix") {
        for (const axis of Object.keys(params)) this.#knowsAxis(axis, field);
        continue;
      }
      if (!this.#knowsTask(task, `profiles.${name}`)) continue;
      const schema = this.#schema(task);
      for (const param of Object.keys(params)) if (schema) this.#knowsPart([schema], param, field);
    }
  }

  profile(name: string): void {
    if (!Object.hasOwn(this.workflow.profiles, name)) {
      const field = `--profile ${name}`;
      return this.problems.unknown("profile", name, Object.keys(this.workflow.profiles), { field });
    }
    for (const [task, params] of Object.entries(this.workflow.profiles[name])) {
      const field = `profiles.${name}.${task}`;
      for (const [key, value] of Object.entries(params)) {
        if (task === "matrix") {
          this.#setAxis(key, Array.isArray(value) ? value : [value], "profile", `${field}.${key}`);
        } else if (this.#tasks.has(task)) this.#overlay(task, [key], value, "profile", field);
      }
    }
  }

  set(setting: string): void {
    const field = `--set ${setting}`;
    const parts = partsOf(setting, this.#tasks);
    if (!parts) {
      return this.problems.wrong(setting, "task.param=value, matrix.axis=value,value or matrix.axis=0..9", {
        field,
      });
    }
    const { task, path, text } = parts;
    if (task === "matrix") {
      return this.#setAxis(path, axisValues(text, own(this.#matrix, path)), "set", field);
    }
    if (!this.#knowsTask(task, field)) return;
    const schema = this.#schema(task);
    if (!schema) return;
    const keys = path.split(".");
    if (this.#isInput(task, path)) return this.#setInput(task, path, text, field);
    let schemas: z.ZodType[] = [schema];
    for (const key of keys) {
      if (!this.#knowsPart(schemas, key, field)) return;
      schemas = partSchemas(schemas, key);
    }
    const read = valueOfText(text, schemas);
    const [illegal] = illegalTexts(read?.value, `tasks.${task}.params.${path}`);
    if (illegal) return this.problems.add({ field, message: illegal.message });
    if (read) return this.#put(task, keys, read.value, "set", field);
    const several = severalValues(text, schemas);
    if (several) return this.#putAxis(task, keys, several, field);
    const value = jsonOrText(text);
    const issues = schemas[0].safeParse(value).error?.issues ?? [];
    for (const { message, given, expected } of problemsOfIssues(issues, value)) {
      this.problems.add({ field, message, given, expected });
    }
  }

  /** Params come first where an input has the name of one. */
  #isInput(task: string, name: string): boolean {
    const read = this.#tasks.get(task)!;
    if (partSchemas([this.#schema(task)!], name).length > 0) return false;
    return read.inputs.has(name) || this.#inputNames(read)?.has(name) === true;
  }

  /** An input from the user's own files; relative to where the user is. Without a path it is left out. */
  #setInput(task: string, name: string, text: string, field: string): void {
    const read = this.#tasks.get(task)!;
    const inputs = new Map(read.inputs);
    if (text === "") inputs.delete(name);
    else {
      const source = sourceAt(text);
      if (!("source" in source)) return this.problems.add({ field, ...source });
      inputs.set(name, { list: false, references: [source] });
    }
    this.#tasks.set(task, { ...read, inputs });
    const given = (input: ReadInput | undefined) =>
      input?.references.map((one) => "task" in one ? `${one.task}.${one.output}` : one.path).join(", ");
    this.changes.push({
      field: `${task}.${name}`,
      ...(read.inputs.has(name) && { from: given(read.inputs.get(name)) }),
      to: given(inputs.get(name)) ?? null,
      by: "set",
    });
  }

  /** Sets plain objects field by field, all else whole. */
  #overlay(task: string, keys: readonly string[], value: unknown, by: Override["by"], field: string): void {
    const now = partAt(this.#tasks.get(task)!.params, keys);
    // A value that comes from elsewhere has no fields to set one by one.
    if (!isPlainObject(value) || originOf(value) !== undefined || originOf(now) !== undefined) {
      return this.#put(task, keys, value, by, field);
    }
    for (const [key, part] of Object.entries(value)) this.#overlay(task, [...keys, key], part, by, field);
  }

  #put(task: string, keys: readonly string[], value: unknown, by: Override["by"], field: string): void {
    const read = this.#tasks.get(task)!;
    const schema = this.#schema(task);
    let from: unknown;
    const replace = (part: unknown, depth: number, schemas: readonly z.ZodType[]): unknown => {
      if (depth === keys.length) {
        from = part;
        return value;
      }
      const origin = originOf(part);
      if (origin !== undefined) {
        this.problems.add({ field, message: `${keys.slice(0, depth).join(".")} comes from ${origin}` });
        return part;
      }
      const key = keys[depth];
      const whole = part ?? defaultOf(schemas);
      if (Array.isArray(whole)) {
        return Number(key) < whole.length
          ? whole.map((one, i) =>
            i === Number(key) ? replace(one, depth + 1, partSchemas(schemas, key)) : one
          )
          : (this.problems.add({ field, message: `the list has ${whole.length} values, counted from 0` }),
            whole);
      }
      const object = isPlainObject(whole) ? whole : {};
      const inner = Object.hasOwn(object, key) ? object[key] : undefined;
      return Object.fromEntries([
        ...Object.entries(object),
        [key, replace(inner, depth + 1, partSchemas(schemas, key))],
      ]);
    };
    // The defaults of params that nobody sets are filled in later, by validation.
    const [first] = keys;
    const whole = { ...read.params, [first]: own(read.params, first) };
    const params = replace(whole, 0, schema ? [schema] : []) as ReadTask["params"];
    this.#tasks.set(task, { ...read, params });
    this.changes.push({
      field: `${task}.${keys.join(".")}`,
      ...(from === undefined ? {} : { from }),
      to: value,
      by,
    });
  }

  /** Several values where one is expected make an axis of the param. */
  #putAxis(task: string, keys: readonly string[], values: readonly AxisValue[], field: string): void {
    const old = partAt(this.#tasks.get(task)!.params, keys);
    if (isPlainObject(old) && "$axis" in old) {
      const message = `it comes from axis ${old.$axis}; use --set matrix.${old.$axis}=VALUE,VALUE`;
      return this.problems.add({ field, message });
    }
    const axis = freeAxisName([task, ...keys], Object.keys(this.#matrix));
    if (axis === undefined) return this.problems.wrong(values, "one value", { field });
    this.#put(task, keys, { $axis: axis }, "set", field);
    this.#matrix[axis] = values;
    this.changes.push({ ...this.changes.pop()!, to: values, axis });
  }

  #setAxis(axis: string, values: readonly unknown[], by: Override["by"], field: string): void {
    if (!this.#knowsAxis(axis, field)) return;
    const old = this.#matrix[axis];
    if (values.length === 0 || new Set(values).size < values.length) {
      return this.problems.wrong(values, "at least one value, each once", { field });
    }
    if (Array.isArray(old)) {
      const types = new Set(old.map((value) => typeof value));
      const odd = values.find((value) => !types.has(typeof value as "string"));
      if (odd !== undefined) return this.problems.wrong(odd, `a ${[...types].join(" or ")}`, { field });
      const illegal = values.find((value) => !axisText.test(String(value)));
      if (illegal !== undefined) {
        return this.problems.wrong(illegal, "a text of letters, digits and _.+-", { field });
      }
      this.#matrix[axis] = values as readonly AxisValue[];
    } else {
      const variants = old as Record<string, Record<string, unknown>>;
      const names = values.map(String);
      const unknown = names.find((name) => !Object.hasOwn(variants, name));
      if (unknown !== undefined) {
        return this.problems.unknown(`variant of ${axis}`, unknown, Object.keys(variants), { field });
      }
      this.#matrix[axis] = Object.fromEntries(names.map((name) => [name, variants[name]]));
    }
    this.changes.push({ field: `matrix.${axis}`, from: valuesOf(old), to: values, by });
  }

  #schema(task: string): z.ZodType | undefined {
    return this.kinds.get(this.#tasks.get(task)!.kind)?.params;
  }

  #knowsTask(task: string, field: string): boolean {
    if (!this.#tasks.has(task)) {
      this.problems.unknown("task", task, [...this.#tasks.keys(), "matrix"], { field });
    }
    return this.#tasks.has(task);
  }

  #knowsAxis(axis: string, field: string): boolean {
    const known = Object.hasOwn(this.#matrix, axis);
    if (!known) this.problems.unknown("axis", axis, Object.keys(this.#matrix), { field });
    return known;
  }

  #knowsPart(schemas: readonly z.ZodType[], key: string, field: string): boolean {
    const known = partSchemas(schemas, key).length > 0;
    if (!known) this.problems.unknown("param", key, fieldNames(schemas), { field });
    return known;
  }
}
