/** Which edges of a drawing cross boxes other than their own, found by walking along them. */

import type { LayeredLayout } from "../../lib/system/layered_layout.ts";

const STEPS = 40;

/** @param widths of the boxes by id */
export function edgesAcrossBoxes(
  { places, edges }: LayeredLayout,
  widths: ReadonlyMap<string, number>,
  height: number,
): string[] {
  return edges.flatMap(({ from, to, path }) => {
    const points = pointsOn(path);
    return [...places].flatMap(([id, { x, y }]) => {
      if (id === from || id === to) return [];
      const isInside = points.some((point) =>
        point.x > x && point.x < x + widths.get(id)! && point.y > y && point.y < y + height
      );
      return isInside ? [`${from} → ${to} crosses ${id}`] : [];
    });
  });
}

/** Points along a path of the commands M, C and V. */
export function pointsOn(path: string): { x: number; y: number }[] {
  const points: { x: number; y: number }[] = [];
  let [x, y] = [0, 0];
  for (const [, command, text] of path.matchAll(/([MCV])([^MCV]*)/g)) {
    const numbers = text.trim().split(" ").map(Number);
    const [endX, endY] = command === "V" ? [x, numbers[0]] : numbers.slice(-2);
    const controls = command === "C" ? numbers : [x, y, endX, endY, endX, endY];
    for (let step = 0; command !== "M" && step <= STEPS; step++) {
      const t = step / STEPS;
      const at = (axis: 0 | 1) =>
        (1 - t) ** 3 * [x, y][axis] + 3 * (1 - t) ** 2 * t * controls[axis] +
        3 * (1 - t) * t ** 2 * controls[2 + axis] + t ** 3 * controls[4 + axis];
      points.push({ x: at(0), y: at(1) });
    }
    [x, y] = [endX, endY];
  }
  return points;
}
