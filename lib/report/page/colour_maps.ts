/** Colour maps over photographs, as the figures of the paper have them. */

import { interpolateViridis, schemeCategory10 } from "d3-scale-chromatic";
import { type Image, image } from "../../vision/image.ts";

type Rgb = readonly [red: number, green: number, blue: number];

/** The opacity of the photograph, and that of the map that is drawn over it. */
const PHOTOGRAPH = 0.6;
const MAP = 0.4;

const VIRIDIS: readonly Rgb[] = Array.from({ length: 256 }, (_, i) => rgb(interpolateViridis(i / 255)));

/** The ten colours of matplotlib's `tab10`, for masks in the order of their list. */
export const TAB10: readonly Rgb[] = (schemeCategory10 as readonly string[]).map(rgb);

/**
 * The map in viridis, its largest value yellow, drawn with opacity 0.4 over the photograph, which is drawn with opacity 0.6
 * on white.
 *
 * @param photograph RGB
 * @param map row-major, not negative, of the photograph's size
 */
export function withViridis(photograph: Image, map: Float32Array): Image {
  const most = map.reduce((a, b) => Math.max(a, b), 0);
  const data = new Uint8Array(photograph.data.length);
  for (let i = 0; i < map.length; i++) {
    const colour = VIRIDIS[most > 0 ? Math.round(255 * Math.max(0, map[i]) / most) : 0];
    for (let c = 0; c < 3; c++) {
      const under = 255 + PHOTOGRAPH * (photograph.data[3 * i + c] - 255);
      data[3 * i + c] = Math.round(under + MAP * (colour[c] - under));
    }
  }
  return image(photograph.width, photograph.height, "RGB", data);
}

function rgb(hex: string): Rgb {
  const value = parseInt(hex.slice(1), 16);
  return [value >> 16, value >> 8 & 255, value & 255];
}
