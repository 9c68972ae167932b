/** The figures of a run by variant: the members of a task that differ in their seed alone are one variant. */

import type { ActionKey } from "../store/types.ts";
import { own, putOwn } from "../own.ts";
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
  /** Its value on the axis of seeds; empty where it has none. */
  readonly seed: string;
  /** Its other axes: `loss=no-sep,views=3`. */
  readonly member: string;
  /** Its task with these. */
  readonly variant: string;
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
  const others = axes.filter(([axis]) => axis !== SEED).map((pair) => pair.join("=")).join();
  const seed = axes.find(([axis]) => axis === SEED)?.[1] ?? "";
  return { task, axes, seed, member: others, variant: `${task}[${others}]` };
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

/** The members of a variant that have figures. */
interface Group {
  readonly task: string;
  readonly member: string;
  readonly bySeed: { readonly seed: string; readonly figures: ResultFigures }[];
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
  const groups = new Map<string, Group>();
  for (const id in keys) {
    const figures = figuresOf(keys[id]);
    if (!figures || hasNone(figures)) continue;
    const { task, variant, member, seed } = partsOf(id);
    let group = groups.get(variant);
    if (!group) groups.set(variant, group = { task, member, bySeed: [] });
    group.bySeed.push({ seed, figures });
  }
  // Keys come in the order in which tasks ended, which differs from run to run.
  const inOrder = [...groups.values()].sort((a, b) => compareTexts(a.task, b.task) || compareMembers(a, b));
  return inOrder.map((group) => ({ task: group.task, member: group.member, figures: overSeeds(group) }));
}

function hasNone(figures: ResultFigures): boolean {
  for (const _name in figures) return false;
  return true;
}

/** A list of runs does this for each figure of thousands of them: lists on the way would take most of its time. */
function overSeeds({ bySeed }: Group): Record<string, SeedFigure> {
  bySeed.sort((a, b) => compareValues(a.seed, b.seed));
  const all: Record<string, SeedFigure> = {};
  for (const { figures } of bySeed) {
    for (const name in figures) {
      if (!Object.hasOwn(all, name)) putOwn(all, name, overSeedsOf(name, bySeed));
    }
  }
  return all;
}

function overSeedsOf(name: string, bySeed: Group["bySeed"]): SeedFigure {
  const values: Record<string, number> = {};
  const list: number[] = [];
  for (const { seed, figures } of bySeed) {
    const value = own(figures, name);
    if (value === undefined) continue;
    putOwn(values, seed, value);
    list.push(value);
  }
  const { mean, std } = meanAndStd(list);
  return std === undefined ? { mean, values } : { mean, std, values };
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
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  if (values.length < 2) return { mean };
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return { mean, std: Math.sqrt(squares / (values.length - 1)) };
}
