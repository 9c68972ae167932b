/** Pictures of a report: small JPEGs in the page itself, and views with their relevant pixels in colour. */

import { encodeJpeg } from "../../vision/encode.ts";
import { type Image, image } from "../../vision/image.ts";
import { resizePillow } from "../../vision/resize/pillow.ts";
import { Html, html } from "./html.ts";

const QUALITY = 78;

/** A frame on a picture, in fractions of its width and height. */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** `source` (RGB), reduced so that its longer side is at most `side`. */
export function atMost(source: Image, side: number): Image {
  const scale = Math.min(1, side / Math.max(source.width, source.height));
  if (scale === 1) return source;
  const size = (length: number) => Math.max(1, Math.round(length * scale));
  return resizePillow(source, size(source.width), size(source.height), "bilinear");
}

/**
 * The view in grey where the map is 0, and in the colours of glowing metal, from red to yellow, where it is not.
 *
 * @param view RGB
 * @param map row-major, of the view's size
 */
export function glowing(view: Image, map: Float32Array): Image {
  const most = map.reduce((a, b) => Math.max(a, b), 0);
  const data = new Uint8Array(view.data.length);
  for (let i = 0; i < map.length; i++) {
    const [r, g, b] = view.data.subarray(3 * i, 3 * i + 3);
    const grey = 0.299 * r + 0.587 * g + 0.114 * b;
    const heat = most > 0 ? Math.max(0, map[i]) / most : 0;
    const share = heat > 0 ? 0.45 + 0.45 * heat : 0;
    const glow = [255, 60 + 180 * heat, 20 + 40 * heat];
    [r, g, b].forEach((value, c) => {
      const under = 0.45 * value + 0.55 * grey;
      data[3 * i + c] = Math.round(under * (1 - share) + glow[c] * share);
    });
  }
  return image(view.width, view.height, "RGB", data);
}

const FRAME_COLOUR = [211, 58, 28];
const FRAME_WIDTH = 2;

/** The picture with the frame drawn on it. */
export function framed(source: Image, { left, top, width, height }: Frame): Image {
  const right = Math.round((left + width) * source.width);
  const bottom = Math.round((top + height) * source.height);
  const [x0, y0] = [Math.round(left * source.width), Math.round(top * source.height)];
  const data = source.data.slice();
  for (let y = Math.max(y0, 0); y < Math.min(bottom, source.height); y++) {
    for (let x = Math.max(x0, 0); x < Math.min(right, source.width); x++) {
      const inside = Math.min(x - x0, y - y0, right - 1 - x, bottom - 1 - y);
      if (inside < FRAME_WIDTH) data.set(FRAME_COLOUR, 3 * (y * source.width + x));
    }
  }
  return image(source.width, source.height, "RGB", data);
}

/** A button with the picture and its alternative text; the page's script enlarges it. */
export async function picture(source: Image, alt: string, frame?: Frame): Promise<Html> {
  const uri = `data:image/jpeg;base64,${(await encodeJpeg(source, QUALITY)).toBase64()}`;
  const percent = (share: number) => `${Math.round(share * 1000) / 10}%`;
  return html`
    <button type="button" class="picture"
      title="enlarge"><img src="${uri}" alt="${alt}" width="${source.width}" height="${source
        .height}">${frame &&
        html`<i style="left:${percent(frame.left)};top:${percent(frame.top)};width:${
          percent(frame.width)
        };height:${percent(frame.height)}"></i>`}</button>
  `;
}
