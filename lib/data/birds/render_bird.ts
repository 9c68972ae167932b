/** Draws a bird: its image and the mask of its parts. */

import { type Image, image as newImage, type Mask, mask as newMask } from "../../vision/image.ts";
import type { Rectangle } from "../../vision/rectangle.ts";
import { bodyShape, GROUND, partShapes, type Shape } from "./bird_parts.ts";
import { BIRD_PARTS, type BirdPart, type BirdSpec } from "./bird_spec.ts";
import { Canvas, type Colour, type Paint, SUB_PIXELS } from "./canvas.ts";
import { outset } from "./outlines.ts";
import { BirdPlacement, illuminate, scaled } from "./bird_placement.ts";
import { sceneShapes } from "./scene.ts";

/** The grey level, in a part mask, of object pixels that belong to no part. */
export const BODY_LEVEL = BIRD_PARTS.length + 1;

export interface RenderedBird {
  readonly image: Image;
  /**
   * Grey levels: 0 is background, k is part k (`BIRD_PARTS[k − 1]`), `BODY_LEVEL` is the rest of the object.
   * A pixel belongs to the object if the object covers more than half of it; it then takes the level that
   * covers most of it.
   */
  readonly partMask: Image;
}

export interface RenderOptions {
  /** A part to leave out; the rest of the image is bit-identical. */
  readonly without?: BirdPart;
}

/**
 * Draws a bird. The result is bit-identical on every machine. To swap a part for another variant, change
 * `variants` in the spec.
 *
 * @throws {RangeError} if the size is not an integer from 16 to 2048.
 */
export function renderBird(spec: BirdSpec, options: RenderOptions = {}): RenderedBird {
  if (!Number.isInteger(spec.size) || spec.size < 16 || spec.size > 2048) {
    throw new RangeError(
      `the size of a bird's image must be an integer from 16 to 2048, but is ${spec.size}`,
    );
  }
  const { size } = spec;
  const canvas = draw(spec, { left: 0, top: 0, width: size, height: size }, options.without);
  return { image: canvas.image(), partMask: canvas.owners() };
}

/**
 * The image of a bird without a part, as `renderBird` draws it: only where the part is, it is drawn anew.
 *
 * @param whole the bird's image
 */
export function imageWithout(spec: BirdSpec, part: BirdPart, whole: Image): Image {
  const region = regionOf(partShapes(part, spec), spec);
  const { left, top, width, height } = region;
  const data = whole.data.slice();
  if (width > 0 && height > 0) {
    const drawn = draw(spec, region, part).image().data;
    for (let y = 0; y < height; y++) {
      const to = 3 * ((top + y) * spec.size + left);
      data.set(drawn.subarray(3 * y * width, 3 * (y + 1) * width), to);
    }
  }
  return newImage(spec.size, spec.size, "RGB", data);
}

/** The pixels that shapes of the bird touch. */
function regionOf(shapes: readonly Shape[], spec: BirdSpec): Rectangle {
  const place = new BirdPlacement(spec);
  const points = shapes.flatMap(({ outline, edge }) => place.outline(outset(outline, edge)));
  const [[left, right], [top, bottom]] = [0, 1].map((axis) => {
    const pixels = points.map((point) => point[axis] / SUB_PIXELS);
    const within = (pixel: number) => Math.min(Math.max(pixel, 0), spec.size);
    return [within(Math.floor(Math.min(...pixels))), within(Math.ceil(Math.max(...pixels)))];
  });
  return { left, top, width: right - left, height: bottom - top };
}

function draw(spec: BirdSpec, region: Rectangle, without: BirdPart | undefined): Canvas {
  const canvas = new Canvas(region);
  const place = new BirdPlacement(spec);
  const lit = (paint: Paint) => illuminate(paint, spec.light);
  for (const { outline, paint } of sceneShapes(spec, place.inImage(GROUND))) {
    canvas.fill(scaled(outline, place.side), lit(place.fromImage(paint)), 0);
  }
  const add = (shapes: readonly Shape[], owner: number) => {
    for (const { outline, paint, edge } of shapes) {
      const rim = typeof paint === "number" ? darken(paint) : RIM;
      if (edge > 0) canvas.fill(place.outline(outset(outline, edge)), lit(rim), owner);
      canvas.fill(place.outline(outline), lit(place.shaded(paint)), owner);
    }
  };
  for (const layer of LAYERS) {
    if (layer === "body") add([bodyShape(spec)], BODY_LEVEL);
    else if (layer !== without) add(partShapes(layer, spec), BIRD_PARTS.indexOf(layer) + 1);
  }
  return canvas;
}

/** The object mask of a part mask: all pixels above 0. */
export function objectOf({ width, height, data }: Image): Mask {
  return newMask(width, height, data.map((level) => level === 0 ? 0 : 1));
}

/** The drawing order, from back to front. */
const LAYERS: readonly (BirdPart | "body")[] = ["tail", "feet", "body", "breast", "wing", "beak", "eye"];

/** The rim colour of shapes with more than one colour. */
const RIM: Colour = 0x241d1a;

/** The rim colour of a shape: darker than the shape, so that adjoining rims differ. */
function darken(colour: Colour): Colour {
  return ((colour >> 2) & 0x3f3f3f) + 0x060606;
}
