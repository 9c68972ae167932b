/** Where a bird is in its image, and how it is lit. */

import type { Shape } from "./bird_parts.ts";
import type { BirdSpec } from "./bird_spec.ts";
import { type Colour, type Paint, SUB_PIXELS } from "./canvas.ts";
import { direction, type Outline, type Point } from "./outlines.ts";

/** An outline with all positions times a factor. */
export function scaled(outline: Outline, factor: number): Point[] {
  return outline.map(([x, y]) => [x * factor, y * factor]);
}

/** How much lighter the bird is on the side towards the light. */
const SHADING = 0.22;

/** Maps the bird's units to sub-pixels of the image and back. */
export class BirdPlacement {
  /** The side of the image, in sub-pixels. */
  readonly side: number;
  readonly #spec: BirdSpec;
  /** Coefficients of (x, y) → (a·x − b·y, c·x + d·y) and of its inverse. */
  readonly #a: number;
  readonly #b: number;
  readonly #c: number;
  readonly #d: number;

  constructor(spec: BirdSpec) {
    const { scale, tilt, mirrored } = spec.pose;
    this.#spec = spec;
    this.side = spec.size * SUB_PIXELS;
    const [cos, sin] = direction(tilt);
    const sign = mirrored ? -1 : 1;
    this.#a = sign * scale * cos;
    this.#b = sign * scale * sin;
    this.#c = scale * sin;
    this.#d = scale * cos;
  }

  /** A position in the bird's units as fractions of the image's side. */
  inImage([x, y]: Point): Point {
    const { pose } = this.#spec;
    return [pose.x + this.#a * x - this.#b * y, pose.y + this.#c * x + this.#d * y];
  }

  outline(outline: Outline): Point[] {
    return scaled(outline.map((point) => this.inImage(point)), this.side);
  }

  /** Converts a paint of the scene to sub-pixels. */
  fromImage(paint: Paint): Paint {
    if (typeof paint === "number") return paint;
    if (typeof paint === "function") return (x, y) => paint(x / this.side, y / this.side);
    return { row: (y) => paint.row(y / this.side) };
  }

  /** Converts a paint of the bird to sub-pixels, made lighter towards the light. */
  shaded(paint: Shape["paint"]): Paint {
    const { pose, light } = this.#spec;
    const [lightX, lightY] = direction(light.angle);
    const determinant = pose.scale * pose.scale * (pose.mirrored ? -1 : 1);
    const step = 1 / this.side;
    const slope = 2 * SHADING / pose.scale;
    return (x, y) => {
      const dx = x * step - pose.x;
      const dy = y * step - pose.y;
      const colour = typeof paint === "number" ? paint : paint(
        (this.#d * dx + this.#b * dy) / determinant,
        (this.#a * dy - this.#c * dx) / determinant,
      );
      return scaleColour(colour, 1 + slope * (dx * lightX + dy * lightY), 0);
    };
  }
}

/** The paint under the light of a scene. */
export function illuminate(paint: Paint, { brightness, warmth }: BirdSpec["light"]): Paint {
  if (typeof paint === "number") return scaleColour(paint, brightness, warmth);
  if (typeof paint === "function") return (x, y) => scaleColour(paint(x, y), brightness, warmth);
  return { row: (y) => scaleColour(paint.row(y), brightness, warmth) };
}

function scaleColour(colour: Colour, factor: number, warmth: number): Colour {
  const red = level(((colour >> 16) & 255) * factor * (1 + warmth));
  const green = level(((colour >> 8) & 255) * factor);
  const blue = level((colour & 255) * factor * (1 - warmth));
  return (red << 16) | (green << 8) | blue;
}

function level(value: number): number {
  return value > 255 ? 255 : Math.floor(value + 0.5);
}
