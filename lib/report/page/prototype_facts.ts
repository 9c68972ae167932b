/** What a report says of a prototype, whether or not it belongs to a class. */

import type { Evaluation } from "../../evaluate/evaluation_file.ts";
import type { ProjectedPrototype } from "../../models/projection/prototype_list.ts";
import { className } from "./html.ts";

/** The name of a prototype's class; undefined if classes share the prototype. */
export function classOfPrototype(evaluation: Evaluation, prototype: number): string | undefined {
  const { label } = evaluation.prototypes[prototype];
  return label === undefined ? undefined : className(evaluation.classes[label]);
}

/** The place that shows each prototype best: the first in the list, which has the best ones first. */
export function bestPlaces(sources: readonly ProjectedPrototype[]): ProjectedPrototype[] {
  const best = new Map<number, ProjectedPrototype>();
  for (const source of sources) if (!best.has(source.prototype)) best.set(source.prototype, source);
  return [...best.values()];
}
