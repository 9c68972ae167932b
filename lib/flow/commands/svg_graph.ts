/** A graph as SVG: tasks in layers by their longest way from the sources, in the order of the workflow. */

import type { GraphNode } from "./graph_node.ts";

const CHARACTER = 7.4;
const HEIGHT = 40;
const GAP = 24;
const LAYER = 90;

interface Box {
  x: number;
  y: number;
  width: number;
}

export function drawSvg(name: string, nodes: readonly GraphNode[]): string {
  const depth = new Map<string, number>();
  const layers: GraphNode[][] = [];
  for (const node of nodes) {
    const own = Math.max(-1, ...node.needs.map((need) => depth.get(need)!)) + 1;
    depth.set(node.id, own);
    (layers[own] ??= []).push(node);
  }
  const widthOf = ({ id, kind }: GraphNode) => Math.max(id.length, kind.length) * CHARACTER + 20;
  const layerWidth = (layer: GraphNode[]) => layer.reduce((sum, node) => sum + widthOf(node) + GAP, GAP);
  const width = Math.max(0, ...layers.map(layerWidth));
  const boxes = new Map<string, Box>();
  layers.forEach((layer, i) => {
    let x = (width - layerWidth(layer)) / 2 + GAP;
    for (const node of layer) {
      boxes.set(node.id, { x, y: GAP + i * LAYER, width: widthOf(node) });
      x += widthOf(node) + GAP;
    }
  });
  const height = layers.length * LAYER + GAP;
  const lines = nodes.flatMap((node) =>
    node.needs.map((need) => edge(boxes.get(need)!, boxes.get(node.id)!))
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${
      round(width)
    } ${height}" font-family="sans-serif" font-size="12">`,
    `<title>${escape(name)}</title>`,
    ...lines,
    ...nodes.map((node) => box(node, boxes.get(node.id)!)),
    "</svg>",
  ].join("\n");
}

function edge(from: Box, to: Box): string {
  const [x1, y1, x2, y2] = [from.x + from.width / 2, from.y + HEIGHT, to.x + to.width / 2, to.y].map(round);
  const middle = round((y1 + y2) / 2);
  return `<path d="M${x1} ${y1}C${x1} ${middle} ${x2} ${middle} ${x2} ${y2}" fill="none" stroke="#888"/>`;
}

function box({ id, kind, colour, state }: GraphNode, { x, y, width }: Box): string {
  const middle = round(x + width / 2);
  return `<g><title>${escape(`${id}: ${state}`)}</title>` +
    `<rect x="${round(x)}" y="${y}" width="${
      round(width)
    }" height="${HEIGHT}" rx="6" fill="${colour}" stroke="#555"/>` +
    `<text x="${middle}" y="${y + 17}" text-anchor="middle">${escape(id)}</text>` +
    `<text x="${middle}" y="${y + 32}" text-anchor="middle" font-size="10" fill="#555">${
      escape(kind)
    }</text></g>`;
}

const round = (value: number) => Math.round(value * 10) / 10;

function escape(text: string): string {
  return text.replace(/[<>&"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
