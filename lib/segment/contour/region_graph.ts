/** Regions of an image and the borders between them. */

import type { ContourMap } from "./contour_energy.ts";
import type { Basins } from "./watershed.ts";

/** A border between two regions: pixel pairs along it, and the sum of the energy at the stronger pixel of each pair. */
export interface Border {
  length: number;
  energy: number;
}

export interface Region {
  /** In pixels. */
  readonly area: number;
  /** Mean L*, a*, b*. */
  readonly colour: readonly [number, number, number];
  /** By the number of the region beyond. */
  readonly borders: Map<number, Border>;
  /** Whether one of its pixels lies at the edge of the image. */
  readonly atImageEdge: boolean;
}

/** The regions that the basins are, by their numbers. */
export function regionGraph({ width, height, energy, lab }: ContourMap, { labels, count }: Basins): Region[] {
  const areas = new Float64Array(count);
  const sums = lab.map(() => new Float64Array(count));
  const atEdge = new Uint8Array(count);
  const borders = Array.from({ length: count }, () => new Map<number, Border>());
  const addPair = (a: number, b: number, strength: number) => {
    let border = borders[a].get(b);
    if (!border) {
      border = { length: 0, energy: 0 };
      borders[a].set(b, border);
      borders[b].set(a, border);
    }
    border.length++;
    border.energy += strength;
  };
  for (let y = 0, pixel = 0; y < height; y++) {
    for (let x = 0; x < width; x++, pixel++) {
      const label = labels[pixel];
      areas[label]++;
      for (let c = 0; c < 3; c++) sums[c][label] += lab[c][pixel];
      if (x === 0 || y === 0 || x === width - 1 || y === height - 1) atEdge[label] = 1;
      if (x < width - 1 && labels[pixel + 1] !== label) {
        addPair(label, labels[pixel + 1], Math.max(energy[pixel], energy[pixel + 1]));
      }
      if (y < height - 1 && labels[pixel + width] !== label) {
        addPair(label, labels[pixel + width], Math.max(energy[pixel], energy[pixel + width]));
      }
    }
  }
  return borders.map((of, i) => ({
    area: areas[i],
    colour: [sums[0][i] / areas[i], sums[1][i] / areas[i], sums[2][i] / areas[i]],
    borders: of,
    atImageEdge: atEdge[i] === 1,
  }));
}
