/** Sweeps of relevance from outputs to inputs: which view each of them runs through. */

import type { Tensor } from "../../tensor/op.ts";
import { expand } from "../../tensor/ops/broadcast.ts";
import { take } from "../../tensor/ops/gather.ts";
import { input } from "../../tensor/ops/source.ts";

/**
 * Several sweeps go through the layers of fewer views side by side, so that what depends on a view alone is computed
 * once for all of its sweeps.
 */
export interface Sweeps {
  /** How many there are, S. */
  readonly count: number;
  /** What was computed of the views, [V, …], in a form that is broadcast against [S, …]. */
  alongside(perView: Tensor): Tensor;
  /** The same written out: [S, …]. */
  rows(perView: Tensor): Tensor;
}

/** The program input that says the view of every sweep, where it is not plain. */
export const OWNERS = "owners";

/**
 * `count` sweeps over `views` views. With as many views as sweeps, each sweep has the view of its own number; otherwise the
 * int64 input {@link OWNERS} [count] says the number of each sweep's view, unless there is a single one.
 */
export function sweepsOver(views: number, count: number): Sweeps {
  if (views === count) return { count, alongside: (perView) => perView, rows: (perView) => perView };
  if (views === 1) {
    return {
      count,
      alongside: (perView) => perView,
      rows: (perView) => expand(perView, perView.shape.with(0, count)),
    };
  }
  const owners = input(OWNERS, "int64", [count]);
  const rows = (perView: Tensor) => take(perView, 0, owners);
  return { count, alongside: rows, rows };
}

/**
 * The views that sweeps need, each once in the order of their first sweep, and by sweep the place of its view among them:
 * what {@link sweepsOver} expects.
 */
export function groupSweeps(viewOfSweep: readonly number[]): { views: number[]; owners: number[] } {
  const views = [...new Set(viewOfSweep)];
  return { views, owners: viewOfSweep.map((view) => views.indexOf(view)) };
}
