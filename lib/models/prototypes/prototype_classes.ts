/** The classes of prototypes, of which each class has as many, but for those that pruning removed. */

/** What the prototypes of a model with class prototypes are. */
export interface ClassPrototypes {
  readonly classes: number;
  readonly prototypesPerClass: number;
  /** The prototypes that are left after pruning, in their order, by their numbers before; default: all */
  readonly keptPrototypes?: readonly number[];
}

/** The class of every prototype. */
export function prototypeClassesOf(
  { classes, prototypesPerClass, keptPrototypes }: ClassPrototypes,
): number[] {
  const numbers = keptPrototypes ?? Array.from({ length: classes * prototypesPerClass }, (_, j) => j);
  return numbers.map((j) => Math.floor(j / prototypesPerClass));
}
