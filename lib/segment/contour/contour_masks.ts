/** Masks without a model: what the contours of an image enclose, from single parts to the whole figure. */

import { type Image, type Mask, mask as newMask } from "../../vision/image.ts";
import { contourMap } from "./contour_energy.ts";
import { figureRegions } from "./figure.ts";
import { type MergedRegion, mergeTree } from "./merge_tree.ts";
import { regionGraph } from "./region_graph.ts";
import { watershed } from "./watershed.ts";

export interface ContourOptions {
  /** Of the smoothing before the contours are measured, in pixels. */
  readonly sigma: number;
  /** Energy that counts as even colour, in units of L*a*b* a pixel. */
  readonly floor: number;
  /** Smaller masks are left out; a share of the image. */
  readonly minSize: number;
  /** Of two masks whose intersection over union is above this, the more persistent one is kept. */
  readonly maxIou: number;
  /** At most so many masks of the figure and its parts, and of what surrounds it. */
  readonly figureMasks: number;
  readonly groundMasks: number;
}

export const CONTOUR_DEFAULTS: ContourOptions = {
  sigma: 0.7,
  floor: 2,
  minSize: 0.0015,
  maxIou: 0.5,
  figureMasks: 14,
  groundMasks: 1,
};

export interface ContourMask {
  readonly mask: Mask;
  /** Through how much dissimilarity the region stays as it is while regions merge. */
  readonly persistence: number;
}

const FLOOD_STEP = 0.5;

/**
 * The regions of an image's merge tree that persist longest. Contours are ridges of the colour gradient; the watershed
 * of them is merged bottom-up within the figure and within the ground, and every node of the two trees is a candidate
 * (all components of all thresholds at once, after Arbeláez et al. 2011). Masks may contain each other.
 *
 * @throws {RangeError} when the image is not RGB.
 */
export function contourMasks(source: Image, options: ContourOptions = CONTOUR_DEFAULTS): ContourMask[] {
  const { sigma, floor, minSize, maxIou, figureMasks, groundMasks } = options;
  const map = contourMap(source, sigma);
  const basins = watershed(map, { floor, step: FLOOD_STEP });
  const regions = regionGraph(map, basins);
  const figure = figureRegions(regions);
  const tree = mergeTree(regions, regions.map((_, i) => figure.has(i) ? 1 : 0));
  const least = minSize * source.width * source.height;
  const candidates = [...tree.keys()].filter((node) => tree[node].area >= least);
  const isFigure = (node: number) => figure.has(regionsOf(tree, node)[0]);
  const chosen = [
    ...mostPersistent(candidates.filter(isFigure), tree, maxIou, figureMasks),
    ...mostPersistent(candidates.filter((node) => !isFigure(node)), tree, maxIou, groundMasks),
  ];
  return chosen.map((node) => ({
    mask: maskOfBasins(source, basins.labels, regionsOf(tree, node), basins.count),
    persistence: persistence(tree, node),
  }));
}

function persistence(tree: readonly MergedRegion[], node: number): number {
  const { level, mergedAt } = tree[node];
  // A root lasts until all is one, which is as long as anything in the tree.
  return (Number.isFinite(mergedAt) ? mergedAt : 2 * level) - level;
}

/** Greedily, up to `count` nodes; in a tree two nodes overlap only where one contains the other. */
function mostPersistent(
  candidates: readonly number[],
  tree: readonly MergedRegion[],
  maxIou: number,
  count: number,
): number[] {
  const parents = new Map<number, number>();
  tree.forEach(({ children }, node) => children?.forEach((child) => parents.set(child, node)));
  const contains = (outer: number, inner: number) => {
    let node: number | undefined = inner;
    while (node !== undefined && node < outer) node = parents.get(node);
    return node === outer;
  };
  const overlap = (a: number, b: number) => {
    const [inner, outer] = a < b ? [a, b] : [b, a];
    return contains(outer, inner) ? tree[inner].area / tree[outer].area : 0;
  };
  const chosen: number[] = [];
  for (const node of [...candidates].sort((a, b) => persistence(tree, b) - persistence(tree, a))) {
    if (chosen.length === count) break;
    if (chosen.every((other) => overlap(node, other) <= maxIou)) chosen.push(node);
  }
  return chosen;
}

/** The regions of the graph that a node was merged from. */
function regionsOf(tree: readonly MergedRegion[], node: number): number[] {
  const nodes = [node];
  for (const each of nodes) nodes.push(...tree[each].children ?? []);
  return nodes.filter((each) => tree[each].children === undefined);
}

function maskOfBasins(
  { width, height }: Image,
  labels: Int32Array,
  basins: readonly number[],
  count: number,
): Mask {
  const inside = new Uint8Array(count);
  for (const basin of basins) inside[basin] = 1;
  const mask = newMask(width, height);
  for (let i = 0; i < labels.length; i++) mask.data[i] = inside[labels[i]];
  return mask;
}
