/** A graph as SVG: tasks in layers, in the colours of their states. */

import { layeredLayout } from "../../system/layered_layout.ts";
import { type GraphNode, labelOf, statesText } from "./graph_node.ts";

const CHARACTER = 7.4;
const HEIGHT = 40;

/** The text of the file. */
export function drawSvg(name: string, nodes: readonly GraphNode[]): string {
  const boxes = nodes.map((node) => ({ ...node, width: widthOf(node) }));
  const { width, height, places, edges } = layeredLayout(boxes, HEIGHT);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<title>${escape(name)}</title>`,
    ...edges.map(({ path }) => `<path d="${path}" fill="none" stroke="#888"/>`),
    ...nodes.map((node) => box(node, { ...places.get(node.id)!, width: widthOf(node) })),
    "</svg>",
  ].join("\n");
}

function widthOf(node: GraphNode): number {
  return Math.max(labelOf(node).length, node.kind.length) * CHARACTER + 20;
}

function box(node: GraphNode, { x, y, width }: { x: number; y: number; width: number }): string {
  const middle = Math.round((x + width / 2) * 10) / 10;
  return `<g><title>${escape(`${node.tasks.join(", ")}: ${statesText(node)}`)}</title>` +
    `<rect x="${x}" y="${y}" width="${
      width.toFixed(1)
    }" height="${HEIGHT}" rx="6" fill="${node.colour}" stroke="#555"/>` +
    `<text x="${middle}" y="${y + 17}" text-anchor="middle">${escape(labelOf(node))}</text>` +
    `<text x="${middle}" y="${y + 32}" text-anchor="middle" font-size="10" fill="#555">${
      escape(node.kind)
    }</text></g>`;
}

function escape(text: string): string {
  return text.replace(/[<>&"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
