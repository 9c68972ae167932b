/** The figures of a run by variant: the members of a task that differ in their seed alone are one variant. */

import type { ActionKey } from "../store/types.ts";
import type { ResultFigures } from "./known_figures.ts";

/** A figure over seeds. */
export interface SeedFigure {
  readonly mean: number;
  /** The sample standard deviation, with the divisor n − 1; absent for one value. */
  readonly std?: number;
  /** By seed; `""` for a task without seeds. */
  readonly values: Readonly<Record<string, number>>;
}

/** The figures of a task's members that differ in their seed alone. */
export interface FigureVariant {
  readonly task: string;
  /** The other axes: `loss=no-sep,views=3`; empty where there is none. */
  readonly member: string;
  /** By name, in the order in which the kind gives them. */
  readonly figures: Readonly<Record<string, SeedFigure>>;
}

const SEED = "seed";

interface IdParts {
  readonly task: string;
  readonly axes: readonly (readonly [axis: string, value: string])[];
}

/** Many runs have the same ids. */
const parts = new Map<string, IdParts>();

/** `joint[seed=1,views=3]` as its task and its values by axis. Neither can hold a bracket, comma or equals sign. */
export function partsOf(id: string): IdParts {
  let found = parts.get(id);
  if (!found) parts.set(id, found = takeApart(id));
  return found;
}

function takeApart(id: string): IdParts {
  const [, task, member] = /^([^[]*)(?:\[(.*)\])?$/.exec(id)!;
  const axes = member === undefined
    ? []
    : member.split(",").map((part) => part.split("=") as [string, string]);
  return { task, axes };
}

/** The values of the axis `seed` in some ids, in order. */
export function seedsOf(ids: Iterable<string>): string[] {
  const seeds = new Set<string>();
  for (const id of ids) {
    if (!id.includes(`${SEED}=`)) continue;
    for (const [axis, value] of partsOf(id).axes) if (axis === SEED) seeds.add(value);
  }
  return [...seeds].sort(compareValues);
}

/**
 * The figures of a run.
 *
 * @param keys those of its tasks, by id
 * @param figuresOf of a result, where it has some
 */
export function variantsOf(
  keys: Readonly<Record<string, ActionKey>>,
  figuresOf: (key: ActionKey) => ResultFigures | undefined,
): FigureVariant[] {
  const groups = new Map<string, { task: string; member: string; bySeed: [string, ResultFigures][] }>();
  for (const [id, key] of Object.entries(keys)) {
    const figures = figuresOf(key);
    if (!figures || Object.keys(figures).length === 0) continue;
    const { task, axes } = partsOf(id);
    const member = axes.filter(([axis]) => axis !== SEED).map((pair) => pair.join("=")).join();
    const group = groups.get(`${task}[${member}]`) ?? { task, member, bySeed: [] };
    groups.set(`${task}[${member}]`, group);
    group.bySeed.push([axes.find(([axis]) => axis === SEED)?.[1] ?? "", figures]);
  }
  // Keys come in the order in which tasks ended, which differs from run to run.
  const inOrder = [...groups.values()].sort((a, b) => compareTexts(a.task, b.task) || compareMembers(a, b));
  return inOrder.map(({ task, member, bySeed }) => {
    bySeed.sort(([a], [b]) => compareValues(a, b));
    const names = [...new Set(bySeed.flatMap(([, figures]) => Object.keys(figures)))];
    const figures = names.map((name): [string, SeedFigure] => {
      const values = bySeed.flatMap(([seed, figures]) =>
        Object.hasOwn(figures, name) ? [[seed, figures[name]] as const] : []
      );
      return [name, { ...meanAndStd(values.map(([, value]) => value)), values: Object.fromEntries(values) }];
    });
    return { task, member, figures: Object.fromEntries(figures) };
  });
}

const compareTexts = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** Numbers by their size, all else as text. */
function compareValues(a: string, b: string): number {
  return Number(a) - Number(b) || compareTexts(a, b);
}

/** Axis by axis. */
function compareMembers(a: { readonly member: string }, b: { readonly member: string }): number {
  const [own, other] = [a, b].map(({ member }) => partsOf(`[${member}]`).axes.map(([, value = ""]) => value));
  return own.reduce((order, value, i) => order || compareValues(value, other[i] ?? ""), 0);
}

/** The mean and, of several values, the sample standard deviation. */
export function meanAndStd(values: readonly number[]): Pick<SeedFigure, "mean" | "std"> {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length < 2) return { mean };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, std: Math.sqrt(squares / (values.length - 1)) };
}
