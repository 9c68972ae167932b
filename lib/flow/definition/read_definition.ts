/** Reads the shape of a workflow's definition: from data of unknown form to tasks, references and axes, or problems. */
import { dirname, resolve } from "node:path";
import type { SourceRef } from "./expanded.ts";
import type { AxisValue, AxisVariants, Combination, Matrix, ProfileDefinition } from "./notation.ts";
import type { Problems } from "./problems.ts";
import { count, failures, type FieldPlace, milestones, STOP_FIELDS, TASK_FIELDS } from "./task_fields.ts";

/** An output of a task: of every member on the axes `over`, or of the members before on the axis `before`, if one is given. */
export interface OutputReference {
  readonly task: string;
  readonly output: string;
  readonly over?: readonly string[];
  readonly before?: { readonly axis: string; readonly lag: number };
}

export type Reference = OutputReference | SourceRef;

export interface ReadInput {
  /** Whether the workflow gave a list or a fan-in. */
  readonly list: boolean;
  readonly references: readonly Reference[];
}

export interface ReadTask {
  readonly name: string;
  readonly kind: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly inputs: ReadonlyMap<string, ReadInput>;
  readonly outputs?: readonly string[];
  readonly device?: string;
  readonly cores?: number;
  readonly memoryMB?: number;
  readonly milestones?: readonly number[];
  /** The name of the task that may end it early, among the tasks of the workflow. */
  readonly stop?: string;
  readonly mayFail?: readonly (string | number)[];
}

/** The name of what may end a task early: no task can have it. */
export const stopName = (task: string) => `${task}.stop`;

export interface ReadWorkflow {
  readonly name: string;
  readonly about: string;
  readonly matrix: Matrix;
  readonly include: readonly Combination[];
  readonly exclude: readonly Combination[];
  readonly tasks: ReadonlyMap<string, ReadTask>;
  readonly profiles: Readonly<Record<string, ProfileDefinition>>;
  readonly result?: OutputReference;
  /** Axes that `--set` made, which may reach the result. */
  readonly addedAxes?: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;
type Where = { task?: string; field?: string };

/** Tasks and axes are part of ids, paths and `--set`; outputs and inputs are file names. */
const taskName = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const fileName = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/;
/** Values of axes are part of ids and file names. */
export const axisText = /^[A-Za-z0-9_.+-]{1,64}$/;
// deno-lint-ignore no-control-regex -- a path with control characters is refused
const illegalInPath = /[\u0000-\u001f\u007f]|\p{Surrogate}/u;

export const isPlainObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** @param file the absolute path of the workflow file, from which sources are found */
export function readDefinition(value: unknown, file: string, problems: Problems): ReadWorkflow {
  const reader = new Reader(file, problems);
  return reader.workflow(value);
}

class Reader {
  constructor(readonly file: string, readonly problems: Problems) {}

  workflow(value: unknown): ReadWorkflow {
    const fields = this.object(value, "defineWorkflow({ name, about, tasks })", {
      field: "the default export",
    });
    this.noOthers(
      fields,
      ["name", "about", "matrix", "include", "exclude", "tasks", "profiles", "result"],
      {},
    );
    const tasks = new Map<string, ReadTask>();
    for (const [name, task] of this.named(fields.tasks, "a task", taskName, { field: "tasks" })) {
      if (name === "matrix") {
        this.problems.wrong(name, "another name; matrix stands for the axes", { field: "tasks" });
      }
      tasks.set(name, this.task(name, task));
      if (isPlainObject(task) && task.stop !== undefined) {
        tasks.set(stopName(name), this.task(stopName(name), task.stop, STOP_FIELDS));
      }
    }
    if (isPlainObject(fields.tasks) && Object.keys(fields.tasks).length === 0) {
      this.problems.wrong({}, "at least one task", { field: "tasks" });
    }
    return {
      name: this.text(fields.name, /^[\w][\w .-]{0,99}$/, "a short name", { field: "name" }),
      about: this.text(fields.about, /^[^\n]{0,400}$/, "one line of text", { field: "about" }),
      matrix: this.matrix(fields.matrix),
      include: this.combinations(fields.include, "include"),
      exclude: this.combinations(fields.exclude, "exclude"),
      tasks,
      profiles: this.profiles(fields.profiles),
      ...(fields.result !== undefined && { result: this.output(fields.result, { field: "result" }) }),
    };
  }

  private task(name: string, value: unknown, known = TASK_FIELDS): ReadTask {
    const fields = this.object(value, `{ ${known.slice(0, 4).join(", ")} }`, { task: name });
    this.noOthers(fields, known, { task: name });
    const inputs = new Map<string, ReadInput>();
    for (
      const [input, given] of this.named(fields.inputs ?? {}, "an input", fileName, {
        task: name,
        field: "inputs",
      })
    ) {
      inputs.set(input, this.input(given, { task: name, field: `inputs.${input}` }));
    }
    const at = (field: string): FieldPlace => ({ task: name, field, problems: this.problems });
    return {
      name,
      kind: this.text(fields.kind, /^.+$/, "the name of a kind", { task: name, field: "kind" }),
      params: this.object(fields.params ?? {}, "an object", { task: name, field: "params" }),
      inputs,
      outputs: this.outputs(fields.outputs, name),
      ...(fields.device !== undefined && {
        device: this.text(fields.device, /^.+$/, "the name of a device", { task: name, field: "device" }),
      }),
      ...(fields.cores !== undefined && { cores: count(fields.cores, "cores", at("cores")) }),
      ...(fields.memoryMB !== undefined && {
        memoryMB: count(fields.memoryMB, "MiB of memory", at("memoryMB")),
      }),
      ...(fields.milestones !== undefined && { milestones: milestones(fields.milestones, at("milestones")) }),
      ...(fields.stop !== undefined && { stop: stopName(name) }),
      ...(fields.mayFail !== undefined && { mayFail: failures(fields.mayFail, at("mayFail")) }),
    };
  }

  private outputs(value: unknown, task: string): readonly string[] | undefined {
    if (value === undefined) return undefined;
    const where = { task, field: "outputs" };
    const expected = "a list of different names of letters, digits, dots, dashes and underscores";
    if (!Array.isArray(value) || new Set(value).size < value.length) {
      this.problems.wrong(value, expected, where);
      return [];
    }
    return value.filter((name) => this.text(name, fileName, expected, where));
  }

  private input(value: unknown, where: Where): ReadInput {
    const list = Array.isArray(value) || (isPlainObject(value) && ("$each" in value || "$before" in value));
    const references = (Array.isArray(value) ? value : [value]).map((part) => this.reference(part, where));
    return { list, references: references.filter((reference) => reference !== undefined) };
  }

  private reference(value: unknown, where: Where): Reference | undefined {
    if (typeof value === "string") return this.output(value, where);
    const keys = isPlainObject(value) ? Object.keys(value).sort().join() : "";
    const fields = value as Fields;
    if (keys === "$each,over" && Array.isArray(fields.over) && fields.over.length > 0) {
      const output = this.output(fields.$each, where);
      return output && { ...output, over: [...new Set(fields.over.map(String))] };
    }
    if (keys === "$before,along,lag") return this.before(fields, where);
    for (const source of ["file", "folder"] as const) {
      if (keys !== `$${source}`) continue;
      const path = fields[`$${source}`];
      if (typeof path === "string" && path !== "" && !illegalInPath.test(path)) {
        return { source, path: resolve(dirname(this.file), path) };
      }
    }
    this.problems.wrong(
      value,
      `"task.output", file("path"), folder("path"), each("task.output", "axis") or before("task.output", "axis", lag)`,
      where,
    );
  }

  private before({ $before, along, lag }: Fields, where: Where): OutputReference | undefined {
    if (!Number.isSafeInteger(lag) || Number(lag) < 1) {
      this.problems.wrong(lag, "a lag of 1 place or more", where);
      return undefined;
    }
    const output = this.output($before, where);
    return output && { ...output, before: { axis: String(along), lag: Number(lag) } };
  }

  private output(value: unknown, where: Where): OutputReference | undefined {
    const parts = typeof value === "string" ? /^([^.]+)\.(.+)$/.exec(value) : null;
    if (parts) return { task: parts[1], output: parts[2] };
    this.problems.wrong(value, `"task.output"; a file of yours is file("path")`, where);
  }

  private matrix(value: unknown): Matrix {
    const matrix: Record<string, readonly AxisValue[] | AxisVariants> = {};
    for (const [axis, values] of this.named(value ?? {}, "an axis", taskName, { field: "matrix" })) {
      const where = { field: `matrix.${axis}` };
      if (Array.isArray(values)) {
        matrix[axis] = values.filter((one) => this.axisValue(one, where));
        const texts = values.map(String);
        const twice = texts.find((text, i) => texts.indexOf(text) !== i);
        if (twice !== undefined) this.problems.wrong(twice, "each value once", where);
        if (values.length === 0) this.problems.wrong([], "at least one value", where);
      } else {
        matrix[axis] = this.variants(values, axis);
      }
    }
    return matrix;
  }

  private axisValue(value: unknown, where: Where): value is AxisValue {
    const isScalar = ["string", "number", "boolean"].includes(typeof value);
    if (isScalar && axisText.test(String(value))) return true;
    this.problems.wrong(
      value,
      "a number, boolean or a text of letters, digits and _.+-; name anything else as a variant: { name: { field: … } }",
      where,
    );
    return false;
  }

  private variants(value: unknown, axis: string): AxisVariants {
    const where = { field: `matrix.${axis}` };
    const variants: Readonly<Record<string, Fields>> = Object.fromEntries(
      this.named(value, "a variant", axisText, where).map(([name, fields]) => [
        name,
        this.object(fields, "an object of fields", { field: `matrix.${axis}.${name}` }),
      ]),
    );
    const names = Object.keys(variants);
    if (isPlainObject(value) && names.length === 0) this.problems.wrong(value, "at least one variant", where);
    for (const name of names) {
      for (const field of Object.keys(variants[names[0]])) {
        if (!Object.hasOwn(variants[name], field)) {
          this.problems.add({
            field: `${where.field}.${name}`,
            message: `it lacks the field ${field} of ${names[0]}`,
          });
        }
      }
      for (const field of Object.keys(variants[name])) {
        if (!Object.hasOwn(variants[names[0]], field)) {
          this.problems.unknown("field", field, Object.keys(variants[names[0]]), {
            field: `${where.field}.${name}`,
          });
        }
      }
    }
    return variants;
  }

  private combinations(value: unknown, field: string): Combination[] {
    if (value === undefined) return [];
    if (!Array.isArray(value)) {
      this.problems.wrong(value, "a list of { axis: value }", { field });
      return [];
    }
    return value.flatMap((one, i) => {
      const where = { field: `${field}.${i}` };
      const given = this.object(one, "{ axis: value }", where);
      return Object.values(given).every((part) => this.axisValue(part, where)) ? [given as Combination] : [];
    });
  }

  private profiles(value: unknown): Record<string, ProfileDefinition> {
    const profiles: Record<string, ProfileDefinition> = {};
    for (const [name, overlay] of this.named(value ?? {}, "a profile", taskName, { field: "profiles" })) {
      const where = { field: `profiles.${name}` };
      const tasks = Object.entries(this.object(overlay, "{ task: { param: value } }", where));
      profiles[name] = Object.fromEntries(
        tasks.map(([task, params]) => [
          task,
          this.object(params, "{ param: value }", { field: `${where.field}.${task}` }),
        ]),
      );
    }
    return profiles;
  }

  private named(value: unknown, what: string, pattern: RegExp, where: Where): [string, unknown][] {
    return Object.entries(this.object(value, "an object by name", where)).filter(([name]) => {
      const legal = pattern.test(name);
      const characters = pattern === taskName ? "_-" : "_-.";
      if (!legal) {
        this.problems.wrong(name, `${what} named by ASCII letters, digits and ${characters}`, where);
      }
      return legal;
    });
  }

  private text(value: unknown, pattern: RegExp, expected: string, where: Where): string {
    if (typeof value === "string" && pattern.test(value)) return value;
    this.problems.wrong(value, expected, where);
    return "";
  }

  private object(value: unknown, expected: string, where: Where): Fields {
    if (isPlainObject(value)) return value;
    this.problems.wrong(value, expected, where);
    return {};
  }

  private noOthers(fields: Fields, known: readonly string[], where: Where): void {
    for (const name of Object.keys(fields)) {
      if (!known.includes(name)) this.problems.unknown("field", name, known, where);
    }
  }
}
