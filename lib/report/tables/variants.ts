/** Groups the runs of a workflow by its matrix: into variants to compare, and the runs of each to average. */

/** Runs with the same values on the axes that are compared. */
export interface Variant<Run> {
  /** A value for each axis; empty if the run has no such axis. */
  readonly place: readonly string[];
  readonly runs: readonly Run[];
}

/** Runs grouped into variants. */
export interface Variants<Run> {
  readonly axes: readonly string[];
  /** In the order of their first runs. */
  readonly variants: readonly Variant<Run>[];
}

/** One part of the label of a member; a position comes before it if an input has several fan-ins. */
const PART = /^(?:\d+-)?([A-Za-z][\w-]*)=([\w.+-]+)$/;

/**
 * Groups runs by their labels, such as `loss=no-sep,seed=4871`. Labels of another form are ignored.
 *
 * @param averaged the axes to average over
 */
export function variantsOf<Run extends { readonly label: string }>(
  runs: readonly Run[],
  averaged: readonly string[],
): Variants<Run> {
  const places = runs.map(({ label }) => new Map(comparedParts(label, averaged)));
  const axes = [...new Set(places.flatMap((place) => [...place.keys()]))];
  const variants = new Map<string, { place: readonly string[]; runs: Run[] }>();
  runs.forEach((run, i) => {
    const place = axes.map((axis) => places[i].get(axis) ?? "");
    const key = place.join();
    if (!variants.has(key)) variants.set(key, { place, runs: [] });
    variants.get(key)!.runs.push(run);
  });
  return { axes, variants: [...variants.values()] };
}

function comparedParts(label: string, averaged: readonly string[]): [axis: string, value: string][] {
  return label.split(",").flatMap((part): [string, string][] => {
    const found = PART.exec(part);
    return found && !averaged.includes(found[1]) ? [[found[1], found[2]]] : [];
  });
}
