/** Places the boxes of a graph without cycles in layers, by dagre, and routes its edges between and not across boxes. */

import dagre from "@dagrejs/dagre";

/** A box to place; all boxes of a drawing are of one height. */
export interface LayoutBox {
  readonly id: string;
  readonly width: number;
  /** Ids of the boxes above it. */
  readonly needs: readonly string[];
}

/** A drawing, its origin in the upper left corner. */
export interface LayeredLayout {
  readonly width: number;
  readonly height: number;
  /** The left edge and the top of each box. */
  readonly places: ReadonlyMap<string, { readonly x: number; readonly y: number }>;
  readonly edges: readonly LayoutEdge[];
}

/** A line from the lower edge of one box to the upper edge of another. */
export interface LayoutEdge {
  readonly from: string;
  readonly to: string;
  /** The path as SVG writes it: vertical through layers, curved in the gaps between them. */
  readonly path: string;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

const GAP = 22;
const LAYER_GAP = 40;
const MARGIN = 6;

/**
 * @param boxes those that a box needs come before it
 * @param height of each box
 */
export function layeredLayout(boxes: readonly LayoutBox[], height: number): LayeredLayout {
  if (boxes.length === 0) return { width: 2 * MARGIN, height: 2 * MARGIN, places: new Map(), edges: [] };
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ nodesep: GAP, edgesep: GAP / 2, ranksep: LAYER_GAP, marginx: MARGIN, marginy: MARGIN });
  for (const { id, width } of boxes) graph.setNode(id, { width, height });
  const pairs = boxes.flatMap(({ id, needs }) => [...new Set(needs)].map((need) => ({ from: need, to: id })));
  for (const { from, to } of pairs) graph.setEdge(from, to, {});
  dagre.layout(graph);
  const node = (id: string) => graph.node(id) as Point;
  const layers = [...new Set(boxes.map(({ id }) => node(id).y))].sort((a, b) => a - b);
  const routes = pairs.map(({ from, to }) => {
    const { points } = graph.edge(from, to) as { points: readonly Point[] };
    const [top, bottom] = [node(from), node(to)];
    // dagre bends an edge in every layer that it passes, and in the gaps, where curves do that here.
    const passed = layers.filter((y) => y > top.y && y < bottom.y);
    const within = passed.map((y) => ({ x: points.find((point) => Math.abs(point.y - y) < 1)!.x, y }));
    return { from, to, points: [top, ...within, bottom] };
  });
  // dagre's size and origin are those of the boxes; edges may pass beside all of them.
  const bends = routes.flatMap(({ points }) => points.slice(1, -1).map(({ x }) => x));
  const left = Math.min(0, ...bends.map((x) => x - MARGIN));
  const { width, height: whole } = graph.graph() as { width: number; height: number };
  const right = Math.max(width, ...bends.map((x) => x + MARGIN));
  const places = boxes.map(({ id, width }) => {
    const { x, y } = node(id);
    return [id, { x: rounded(x - width / 2 - left), y: rounded(y - height / 2) }] as const;
  });
  const edges = routes.map(({ from, to, points }) => ({
    from,
    to,
    path: pathThrough(points.map(({ x, y }) => ({ x: x - left, y })), height / 2),
  }));
  return { width: Math.ceil(right - left), height: Math.ceil(whole), places: new Map(places), edges };
}

/** From the lower edge of the first point's layer to the upper edge of the last one's. */
function pathThrough(points: readonly Point[], half: number): string {
  const [first, ...others] = points;
  let [x, y] = [rounded(first.x), rounded(first.y + half)];
  let path = `M${x} ${y}`;
  others.forEach((point, i) => {
    const [nextX, top] = [rounded(point.x), rounded(point.y - half)];
    const middle = rounded((y + top) / 2);
    path += `C${x} ${middle} ${nextX} ${middle} ${nextX} ${top}`;
    [x, y] = [nextX, rounded(point.y + half)];
    if (i < others.length - 1) path += `V${y}`;
  });
  return path;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
