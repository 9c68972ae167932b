/** Statistics of a data set's masks: sizes by rank, consistency, and quality where annotations are available. */

import { type ClassConsistency, patternConsistency } from "./consistency.ts";
import type { MaskFacts } from "./mask_facts.ts";
import { masksToKeep, meanByRank } from "./rank_means.ts";

/** Measurements of the masks of a data set. */
export interface MaskStatistics {
  readonly images: number;
  /** Names of the images without masks. */
  readonly withoutMasks: readonly string[];
  readonly masksPerImage: { readonly least: number; readonly mean: number; readonly most: number };
  /** The number of ranks with a mean size of at least 1 % of the image. */
  readonly masksToKeep: number;
  /** Mean share of the image, by rank. */
  readonly sizeByRank: readonly number[];
  /** Mean share of a mask that lies on the object, by rank. */
  readonly overlapByRank?: readonly number[];
  /** In percent, over classes that have images; tuning maximises `reference`. */
  readonly consistency?: { readonly reference: number; readonly intended: number };
  readonly quality: {
    /** Means over the images of the best mask's intersection over union with the object: of boxes, and of masks. */
    readonly objectBoxIou?: number;
    readonly objectIou?: number;
    /** The share of part points that a kept mask, or any mask, covers. */
    readonly partsCovered?: { readonly kept: number; readonly any: number };
    /** By part's name the mean of the best mask's intersection over union; "mean" is that over all seen parts. */
    readonly partIou?: Readonly<Record<string, number>>;
  };
}

/**
 * @param facts of all images of the set
 * @param partNames by part id
 */
export function maskStatistics(
  facts: readonly MaskFacts[],
  partNames: ReadonlyMap<string, string>,
): MaskStatistics {
  const sizeByRank = meanByRank(facts.map(({ sizes }) => sizes));
  const keep = masksToKeep(sizeByRank);
  const counts = facts.map(({ sizes }) => sizes.length);
  const overlaps = facts.flatMap(({ overlaps }) => overlaps ? [overlaps] : []);
  const boxes = facts.flatMap(({ objectBoxIou }) => objectBoxIou ?? []);
  const objects = facts.flatMap(({ objectIou }) => objectIou ?? []);
  const covered = facts.flatMap(({ coveredAt }) => coveredAt ?? []);
  const partIous = facts.flatMap(({ partIou }) => Object.entries(partIou ?? {}));
  return {
    images: facts.length,
    withoutMasks: facts.filter(({ sizes }) => sizes.length === 0).map(({ image }) => image),
    masksPerImage: {
      least: counts.reduce((a, b) => Math.min(a, b), Infinity),
      mean: mean(counts),
      most: counts.reduce((a, b) => Math.max(a, b), 0),
    },
    masksToKeep: keep,
    sizeByRank,
    ...(overlaps.length > 0 && { overlapByRank: meanByRank(overlaps) }),
    ...consistencyOf(facts),
    quality: {
      ...(boxes.length > 0 && { objectBoxIou: mean(boxes) }),
      ...(objects.length > 0 && { objectIou: mean(objects) }),
      ...(covered.length > 0 && {
        partsCovered: {
          kept: share(covered, (rank) => rank !== null && rank < keep),
          any: share(covered, (rank) => rank !== null),
        },
      }),
      ...(partIous.length > 0 && { partIou: meansByPart(partIous, partNames) }),
    },
  };
}

function consistencyOf(facts: readonly MaskFacts[]): Pick<MaskStatistics, "consistency"> {
  const known = facts.flatMap(({ patterns, label }) => patterns ? [{ ...patterns, label }] : []);
  if (known.length === 0) return {};
  // A class without images has no consistency; classes are renumbered.
  const labels = [...new Set(known.map(({ label }) => label))];
  const classOf = known.map(({ label }) => labels.indexOf(label));
  const percent = ({ total }: ClassConsistency) => 100 * total;
  const of = (fidelity: "reference" | "intended") =>
    percent(patternConsistency(known.map((image) => image[fidelity]), classOf, labels.length));
  return { consistency: { reference: of("reference"), intended: of("intended") } };
}

function meansByPart(
  ious: readonly (readonly [id: string, iou: number])[],
  partNames: ReadonlyMap<string, string>,
): Record<string, number> {
  const byPart = [...partNames].map(([part, name]): [string, number[]] => [
    name,
    ious.filter(([id]) => id === part).map(([, iou]) => iou),
  ]);
  const seen = byPart.filter(([, values]) => values.length > 0);
  return {
    ...Object.fromEntries(seen.map(([name, values]) => [name, mean(values)])),
    mean: mean(ious.map(([, iou]) => iou)),
  };
}

function share<T>(values: readonly T[], holds: (value: T) => boolean): number {
  return values.filter(holds).length / values.length;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
