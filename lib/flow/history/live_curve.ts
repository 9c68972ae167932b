/** The figures of a task that is running, by what it has done: few enough points to be written every second. */

import type { Progress } from "../kind.ts";

/** `values` has for each name a value for each number in `done`; null where there is none, or none that is finite. */
export interface LiveCurve {
  readonly done: readonly number[];
  readonly values: Readonly<Record<string, readonly (number | null)[]>>;
}

/** Twice as many points are merged in pairs. */
const POINTS = 120;

interface Point {
  done: number;
  reports: number;
  readonly sums: Map<string, { sum: number; count: number }>;
}

/** Collects the values of progress reports: each point is the mean of equally many reports. */
export class LiveCurves {
  #points: Point[] = [];
  #reportsPerPoint = 1;

  add({ done, values }: Progress): void {
    if (!values) return;
    const last = this.#points.at(-1);
    // Another attempt begins again.
    if (last && done < last.done) {
      this.#points = [];
      this.#reportsPerPoint = 1;
    }
    const point = last && done >= last.done && last.reports < this.#reportsPerPoint ? last : this.#begin();
    point.done = done;
    point.reports++;
    for (const [name, value] of Object.entries(values)) {
      if (!Number.isFinite(value)) continue;
      const mean = point.sums.get(name) ?? { sum: 0, count: 0 };
      point.sums.set(name, { sum: mean.sum + value, count: mean.count + 1 });
    }
  }

  /** Undefined where no report had values. */
  get curve(): LiveCurve | undefined {
    if (this.#points.length === 0) return undefined;
    const names = new Set(this.#points.flatMap(({ sums }) => [...sums.keys()]));
    return {
      done: this.#points.map(({ done }) => done),
      values: Object.fromEntries([...names].map((name) => [name, this.#points.map(meanOf(name))])),
    };
  }

  #begin(): Point {
    if (this.#points.length === 2 * POINTS) {
      this.#points = this.#points.flatMap((
        point,
        i,
      ) => (i % 2 === 1 ? [merged(this.#points[i - 1], point)] : []));
      this.#reportsPerPoint *= 2;
    }
    const point: Point = { done: 0, reports: 0, sums: new Map() };
    this.#points.push(point);
    return point;
  }
}

function meanOf(name: string): (point: Point) => number | null {
  return ({ sums }) => {
    const found = sums.get(name);
    return found ? Number((found.sum / found.count).toPrecision(6)) : null;
  };
}

function merged(one: Point, other: Point): Point {
  const sums = new Map(one.sums);
  for (const [name, { sum, count }] of other.sums) {
    const before = sums.get(name) ?? { sum: 0, count: 0 };
    sums.set(name, { sum: before.sum + sum, count: before.count + count });
  }
  return { done: other.done, reports: one.reports + other.reports, sums };
}
