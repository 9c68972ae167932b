/** The watershed of a contour map: every pixel belongs to the basin that its contours enclose. */

import type { ContourMap } from "./contour_energy.ts";

export interface Basins {
  /** Of every pixel the number of its basin, from 0, in raster order of their first pixels. */
  readonly labels: Int32Array;
  readonly count: number;
}

/** How energy is cut into the levels of the flood. */
export interface FloodLevels {
  /** Energy below this is even ground: shading and noise open no basin. */
  readonly floor: number;
  /** Energy from one level to the next. */
  readonly step: number;
}

const LEVELS = 128;

/**
 * Floods the energy from its regional minima upwards, level by level (Meyer 1991), with 4-connected pixels. No pixel is
 * left to the contours: each goes to the basin that reaches it first.
 */
export function watershed({ width, height, energy }: ContourMap, { floor, step }: FloodLevels): Basins {
  const levels = new Uint8Array(energy.length);
  for (let i = 0; i < energy.length; i++) {
    levels[i] = Math.min(Math.max(Math.floor((energy[i] - floor) / step) + 1, 0), LEVELS - 1);
  }
  const labels = new Int32Array(energy.length).fill(-1);
  const queues = Array.from({ length: LEVELS }, (): number[] => []);
  const neighbours = neighbourTable(width, height);
  const count = openBasins(levels, neighbours, labels, queues);
  for (const [level, queue] of queues.entries()) {
    // The queue grows while it is read: pixels that are no higher than the water are flooded at once.
    for (let at = 0; at < queue.length; at++) {
      const pixel = queue[at];
      for (let k = 0; k < 4; k++) {
        const next = neighbours(pixel, k);
        if (next < 0 || labels[next] >= 0) continue;
        labels[next] = labels[pixel];
        queues[Math.max(level, levels[next])].push(next);
      }
    }
  }
  return { labels, count };
}

/** The k-th of four neighbours of a pixel, or −1 beyond the border. */
type Neighbours = (pixel: number, k: number) => number;

function neighbourTable(width: number, height: number): Neighbours {
  const last = width * (height - 1);
  return (pixel, k) => {
    switch (k) {
      case 0:
        return pixel % width > 0 ? pixel - 1 : -1;
      case 1:
        return pixel % width < width - 1 ? pixel + 1 : -1;
      case 2:
        return pixel >= width ? pixel - width : -1;
      default:
        return pixel < last ? pixel + width : -1;
    }
  };
}

/** Labels the plateaus that have no lower neighbour and queues their pixels; returns how many there are. */
function openBasins(
  levels: Uint8Array,
  neighbours: Neighbours,
  labels: Int32Array,
  queues: readonly number[][],
): number {
  const seen = new Uint8Array(levels.length);
  let count = 0;
  for (let first = 0; first < levels.length; first++) {
    if (seen[first]) continue;
    seen[first] = 1;
    const level = levels[first];
    const plateau = [first];
    let lowest = true;
    for (let at = 0; at < plateau.length; at++) {
      for (let k = 0; k < 4; k++) {
        const next = neighbours(plateau[at], k);
        if (next < 0) continue;
        if (levels[next] < level) lowest = false;
        else if (levels[next] === level && !seen[next]) {
          seen[next] = 1;
          plateau.push(next);
        }
      }
    }
    if (!lowest) continue;
    for (const pixel of plateau) {
      labels[pixel] = count;
      queues[level].push(pixel);
    }
    count++;
  }
  return count;
}
