/** Sweeps of relevance from outputs to inputs, and the view of each sweep. */

import type { Tensor } from "../../tensor/op.ts";
import { expand } from "../../tensor/ops/broadcast.ts";
import { take } from "../../tensor/ops/gather.ts";
import { input } from "../../tensor/ops/source.ts";

/**
 * Several sweeps may use the same view. Values that depend only on the view are computed once for all of its
 * sweeps.
 */
export interface Sweeps {
  /** The number of sweeps, S. */
  readonly count: number;
  /** Reshapes values per view, [V, …], so that they broadcast against [S, …]. */
  alongside(perView: Tensor): Tensor;
  /** Repeats values per view, [V, …], for each sweep: [S, …]. */
  rows(perView: Tensor): Tensor;
}

/**
 * The program input with the view of each sweep; used only if the numbers of views and sweeps don't determine
 * it.
 */
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
 * Groups sweeps by view, as {@link sweepsOver} expects. `views` are the distinct views in the order of their
 * first sweep; `owners` gives, for each sweep, the index of its view in `views`.
 */
export function groupSweeps(viewOfSweep: readonly number[]): { views: number[]; owners: number[] } {
  const views = [...new Set(viewOfSweep)];
  return { views, owners: viewOfSweep.map((view) => views.indexOf(view)) };
}
