/** The scene behind a bird: sky, hills, sea or wood, and the ground or perch. */

import { RandomStream } from "../../tensor/random.ts";
import type { BirdSpec } from "./bird_spec.ts";
import type { Colour, Paint } from "./canvas.ts";
import { ellipse, line, type Outline, type Point, smooth, turn } from "./outlines.ts";

/** A filled outline; positions are fractions of the image's side. */
export interface SceneShape {
  readonly outline: Outline;
  readonly paint: Paint;
}

const WHOLE: Outline = [[0, 0], [1, 0], [1, 1], [0, 1]];

/**
 * The shapes of the scene, back to front.
 *
 * @param ground the point where the bird stands
 */
export function sceneShapes({ scene }: BirdSpec, ground: Point): SceneShape[] {
  const random = new RandomStream({ seed: scene.seed, purpose: "bird scene" });
  switch (scene.kind) {
    case "sky":
      return [
        { outline: WHOLE, paint: gradient(random, [0x6aa9dd, 0x8fb9d8, 0xa3a7d6], [0xdcecf6, 0xf3e6da]) },
        ...clouds(random, 3),
        ...branch(random, ground),
      ];
    case "meadow":
      return [
        { outline: WHOLE, paint: gradient(random, [0xa9d3ec, 0xc9d8e2], [0xf2efdc, 0xe8f1f5]) },
        ...clouds(random, 1),
        hill(random, 0.35, 0.55, [0x9cc28a, 0x8eb89d]),
        hill(random, 0.55, 0.7, [0x84b266, 0x9bb869]),
        ...meadow(random, ground),
      ];
    case "beach":
      return [
        { outline: WHOLE, paint: gradient(random, [0x9fd0e8, 0xf0c9a8], [0xe9f3f4, 0xf8e6cf]) },
        band(random.uniform(0.38, 0.5), one(random, [0x5aa6b8, 0x4f93bd])),
        band(Math.min(random.uniform(0.58, 0.68), ground[1] - 0.05), one(random, [0xe5d3a4, 0xd9c59c])),
        ...pebbles(random),
      ];
    case "forest":
      return [
        { outline: WHOLE, paint: gradient(random, [0x5d7f56, 0x4e7a6a, 0x7a8450], [0x3d5c43, 0x46604f]) },
        ...lightSpots(random),
        ...branch(random, ground),
      ];
  }
}

function one<T>(random: RandomStream, choices: readonly T[]): T {
  return choices[random.integer(choices.length)];
}

/** A vertical gradient from a random colour of `tops` to one of `bottoms`. */
function gradient(random: RandomStream, tops: readonly Colour[], bottoms: readonly Colour[]): Paint {
  const [top, bottom] = [one(random, tops), one(random, bottoms)];
  return { row: (y) => mix(top, bottom, y) };
}

/** The mixture (1 − t) · `from` + t · `to`. */
function mix(from: Colour, to: Colour, t: number): Colour {
  const channel = (shift: number) => {
    const [a, b] = [(from >> shift) & 255, (to >> shift) & 255];
    return Math.floor(a + (b - a) * t + 0.5) << shift;
  };
  return channel(16) | channel(8) | channel(0);
}

function clouds(random: RandomStream, most: number): SceneShape[] {
  return Array.from({ length: random.integer(most + 1) }, () => {
    const [x, y, size] = [random.uniform(), random.uniform(0.05, 0.4), random.uniform(0.05, 0.09)];
    return [-1.3, 0, 1.2].map((offset) => ({
      outline: ellipse([x + offset * size, y + random.uniform(-0.02, 0.02)], size * 1.3, size * 0.75),
      paint: 0xf6f8fa,
    }));
  }).flat();
}

function hill(random: RandomStream, high: number, low: number, colours: readonly Colour[]): SceneShape {
  const top = Array.from({ length: 5 }, (_, i): Point => [i / 4 * 1.4 - 0.2, random.uniform(high, low)]);
  return { outline: smooth([...top, [1.4, 1.3], [-0.4, 1.3]]), paint: one(random, colours) };
}

function band(top: number, paint: Colour): SceneShape {
  return { outline: [[0, top], [1, top], [1, 1], [0, 1]], paint };
}

function meadow(random: RandomStream, ground: Point): SceneShape[] {
  const top = Math.min(0.8, ground[1] - 0.04);
  const shapes: SceneShape[] = [band(top, one(random, [0x6f9f4b, 0x7fa653, 0x5f9158]))];
  for (let i = 0; i < 14; i++) {
    const [x, y] = [random.uniform(), random.uniform(top, 1)];
    shapes.push({
      outline: line([x, y], [x + random.uniform(-0.015, 0.015), y - 0.035], 0.008),
      paint: 0x4d7f3a,
    });
  }
  for (let i = random.integer(6); i > 0; i--) {
    const centre: Point = [random.uniform(), random.uniform(top + 0.02, 1)];
    shapes.push({
      outline: ellipse(centre, 0.012, 0.01),
      paint: one(random, [0xf3e3ec, 0xf0dd7a, 0xd99ab8]),
    });
  }
  return shapes;
}

function pebbles(random: RandomStream): SceneShape[] {
  return Array.from({ length: 6 + random.integer(8) }, () => {
    const radius = random.uniform(0.006, 0.018);
    return {
      outline: ellipse([random.uniform(), random.uniform(0.75, 1)], radius * 1.4, radius),
      paint: one(random, [0xbfae86, 0xa89a80, 0xcdbb93]),
    };
  });
}

function lightSpots(random: RandomStream): SceneShape[] {
  return Array.from({ length: 8 + random.integer(8) }, () => {
    const radius = random.uniform(0.03, 0.11);
    return {
      outline: ellipse([random.uniform(), random.uniform()], radius, radius),
      paint: one(random, [0x6f9163, 0x88a36a, 0x55785a, 0x456a50, 0x93a877]),
    };
  });
}

/** A branch with leaves, its upper side at the bird's feet. */
function branch(random: RandomStream, [x, y]: Point): SceneShape[] {
  const slope = random.uniform(-0.06, 0.06);
  const thickness = random.uniform(0.035, 0.055);
  const at = (t: number): Point => [t, y + thickness / 2 + (t - x) * slope];
  const bark = one(random, [0x6d5139, 0x7b5c40, 0x5b463a]);
  const shapes: SceneShape[] = [
    { outline: line(at(-0.05), at(1.05), thickness + 0.012), paint: mix(bark, 0x20180f, 0.55) },
    { outline: line(at(-0.05), at(1.05), thickness), paint: bark },
  ];
  for (let i = 2 + random.integer(4); i > 0; i--) {
    const root = at(random.uniform());
    const leaf = ellipse([root[0] + 0.045, root[1]], 0.045, 0.02);
    const angle = random.uniform(30, 150);
    shapes.push({ outline: turn(leaf, root, angle), paint: one(random, [0x5c8a3f, 0x77994a, 0x4c7a45]) });
  }
  return shapes;
}
