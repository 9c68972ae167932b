/** The matrix: places on axes, and the members of a task that some axes reach. */
import type { AxisValue, AxisVariants, Combination, Matrix } from "./notation.ts";
import type { Problems } from "./problems.ts";

/** The most members that a task may have. */
const memberLimit = 1_000_000;

export class MatrixError extends Error {}

/** Axes with their values (of variants: the names), and the combinations that are let in or left out. */
export class Axes {
  readonly #members = new Map<string, readonly Combination[]>();
  readonly names: readonly string[];

  constructor(
    readonly matrix: Matrix,
    readonly include: readonly Combination[],
    readonly exclude: readonly Combination[],
  ) {
    this.names = Object.keys(matrix);
  }

  values(axis: string): readonly AxisValue[] {
    const given = this.matrix[axis];
    return Array.isArray(given) ? given : Object.keys(given);
  }

  /** What `seed`, `arch` or `arch.depth` is at a place. */
  valueAt(path: string, place: Combination): unknown {
    const [axis, field] = splitAxisPath(path);
    if (field === undefined) return place[axis];
    return (this.matrix[axis] as AxisVariants)[String(place[axis])]?.[field];
  }

  /** `seed`, or `arch` and `arch.depth`: every name that `axis(…)` accepts. */
  paths(): string[] {
    return this.names.flatMap((axis) => {
      const given = this.matrix[axis];
      if (Array.isArray(given)) return [axis];
      const fields = Object.keys(Object.values(given)[0] ?? {});
      return [axis, ...fields.map((field) => `${axis}.${field}`)];
    });
  }

  /** The first value of every axis. */
  firstPlace(): Combination {
    return Object.fromEntries(this.names.map((axis) => [axis, this.values(axis)[0]]));
  }

  /** In the order of the matrix, each once. */
  ordered(axes: Iterable<string>): string[] {
    const wanted = new Set(axes);
    return this.names.filter((name) => wanted.has(name));
  }

  /**
   * The places on some axes (in the order of the matrix): every combination that has a continuation on the other axes
   * which is not left out, and those of `include`. Above the matrix there is one place, `{}`.
   * @throws MatrixError when there are too many
   */
  members(axes: readonly string[]): readonly Combination[] {
    if (axes.length === 0) return [{}];
    const key = axes.join();
    let members = this.#members.get(key);
    if (!members) this.#members.set(key, members = this.#list(axes));
    return members;
  }

  #list(axes: readonly string[]): Combination[] {
    const named = this.exclude.flatMap((combination) => Object.keys(combination));
    // The own axes turn slowest, so that members come in the order of the matrix.
    const all = [...new Set([...axes, ...this.ordered(named)])];
    const count = all.reduce((product, axis) => product * this.values(axis).length, 1);
    if (count > memberLimit) {
      throw new MatrixError(`${all.join(" × ")} has ${count} combinations, more than ${memberLimit}`);
    }
    let places: Record<string, AxisValue>[] = [{}];
    for (const axis of all) {
      places = places.flatMap((place) => this.values(axis).map((value) => ({ ...place, [axis]: value })));
    }
    const kept = places.filter((place) =>
      !this.exclude.some((left) => Object.keys(left).every((axis) => left[axis] === place[axis]))
    );
    const members = new Map<string, Combination>();
    for (const place of [...kept, ...this.include]) {
      const id = memberSuffix(axes, place);
      if (!members.has(id)) members.set(id, Object.fromEntries(axes.map((axis) => [axis, place[axis]])));
    }
    return [...members.values()];
  }
}

/** `[arch=vgg,seed=4871]`; empty above the matrix. */
export function memberSuffix(axes: readonly string[], place: Combination): string {
  return axes.length === 0 ? "" : `[${memberLabel(axes, place)}]`;
}

/** `arch=vgg,seed=4871` */
export function memberLabel(axes: readonly string[], place: Combination): string {
  return axes.map((axis) => `${axis}=${place[axis]}`).join();
}

export function splitAxisPath(path: string): [string, string | undefined] {
  const dot = path.indexOf(".");
  return dot < 0 ? [path, undefined] : [path.slice(0, dot), path.slice(dot + 1)];
}

/** Checks that combinations name axes and values that there are; an included one names every axis. */
export function checkCombinations(axes: Axes, problems: Problems): void {
  for (const field of ["include", "exclude"] as const) {
    axes[field].forEach((combination, i) => {
      const where = { field: `${field}.${i}` };
      const given = Object.keys(combination);
      for (const axis of given) {
        if (!axes.names.includes(axis)) problems.unknown("axis", axis, axes.names, where);
        // An included value may be new, a variant can't be.
        else if (field === "exclude" || !Array.isArray(axes.matrix[axis])) {
          if (!axes.values(axis).includes(combination[axis])) {
            problems.unknown(
              `value of axis ${axis}`,
              String(combination[axis]),
              axes.values(axis).map(String),
              where,
            );
          }
        }
      }
      if (given.length === 0) problems.wrong(combination, "{ axis: value }", where);
      const lacking = axes.names.filter((axis) => !given.includes(axis));
      if (field === "include" && lacking.length > 0) {
        problems.add({ ...where, message: `it names no value for ${lacking.join(", ")}` });
      }
    });
  }
}
