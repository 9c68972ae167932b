/** Sweeps of relevance from outputs to inputs: which view each of them runs through. */

import type { Tensor } from "../../tensor/op.ts";
import { expand } from "../../tensor/ops/broadcast.ts";
import { take } from "../../tensor/ops/gather.ts";
import { input } from "../../tensor/ops/source.ts";

/**
 * Several sweeps pass through the layers of fewer views side by side. Values that depend only on the view are
 * computed once for all of its sweeps.
 */
export interface Sweeps {
  /** How many there are, S. */
  readonly count: number;
  /** Values computed for the views, [V, …], shaped to broadcast against [S, …]. */
  alongside(perView: Tensor): Tensor;
  /** The same written out: [S, …]. */
  rows(perView: Tensor): Tensor;
}

/** The program input that says the view of every sweep, where it is not plain. */
export const OWNERS = "owners";

/**
 * `count` sweeps over `views` views. With as many views as sweeps, sweep i uses view i. With one view, all sweeps use
 * it. Otherwise the int64 input {@link OWNERS} [count] gives the view of each sweep.
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
