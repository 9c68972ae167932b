/**
 * The shapes of a bird and its parts, facing right, in the bird's units: (0, 0) is the centre of the body,
 * and y points down.
 */

import type { Colour } from "./canvas.ts";
import type { BirdPart, BirdSpec } from "./bird_spec.ts";
import { bend, ellipse, line, type Outline, type Point, smooth, turn } from "./outlines.ts";

/** A filled outline; `edge` is the width of the dark rim around it. */
export interface Shape {
  readonly outline: Outline;
  /** A single colour, or a colour for every position in the bird's units. */
  readonly paint: Colour | ((x: number, y: number) => Colour);
  readonly edge: number;
}

const EDGE = 0.017;
const THIN_EDGE = 0.011;

const ORANGE = 0xf08a24;
const RED = 0xd42f3f;
const BLUE = 0x2f7fd6;
const GREEN = 0x2f9e57;
const YELLOW = 0xf6cf42;
const PURPLE = 0x7a52c2;
const BROWN = 0x8c5b35;
const WHITE = 0xf2efe8;
const BLACK = 0x2b2b35;
const SLATE = 0x596474;
const TEAL = 0x27a59b;

const PLUMAGE_COLOURS = [0xcdb996, 0xb9bcc4, 0xc9a98b, 0xcfc4b6, 0xa8ada0];

function shape(outline: Outline, paint: Shape["paint"], edge = EDGE): Shape {
  return { outline, paint, edge };
}

/** Body and head; the parts are drawn over or behind them. */
export function bodyShape({ plumage }: BirdSpec): Shape {
  return shape(
    smooth([
      [0.21, -0.43],
      [0.32, -0.38],
      [0.37, -0.28],
      [0.33, -0.16],
      [0.36, 0],
      [0.27, 0.17],
      [0.06, 0.25],
      [-0.19, 0.18],
      [-0.36, 0.05],
      [-0.27, -0.06],
      [-0.07, -0.15],
      [0.07, -0.3],
    ]),
    PLUMAGE_COLOURS[plumage],
  );
}

/** The shapes of a part, back to front. */
export function partShapes(part: BirdPart, spec: BirdSpec): Shape[] {
  const variant = spec.variants[part];
  switch (part) {
    case "beak":
      return beak(variant);
    case "eye":
      return eye(variant);
    case "wing":
      return wing(variant, spec.pose.wingLift);
    case "tail":
      return tail(variant, spec.pose.tailLift);
    case "feet":
      return [-spec.pose.stride / 2, spec.pose.stride / 2].flatMap((x) => foot(variant, x));
    case "breast":
      return breast(variant);
  }
}

function beak(variant: number): Shape[] {
  switch (variant) {
    case 0: // a short cone
      return [shape([[0.345, -0.345], [0.53, -0.255], [0.345, -0.205]], ORANGE)];
    case 1: // a long needle
      return [shape([[0.35, -0.315], [0.72, -0.235], [0.72, -0.225], [0.35, -0.235]], BLACK)];
    case 2: // a hook
      return [
        shape([
          ...bend([0.33, -0.355], [0.55, -0.36], [0.51, -0.14]),
          ...bend([0.51, -0.14], [0.46, -0.23], [0.34, -0.205]),
          [0.34, -0.205],
        ], RED),
      ];
    default: // a broad bill
      return [
        shape(
          smooth([[0.345, -0.33], [0.46, -0.285], [0.6, -0.275], [0.61, -0.205], [0.47, -0.2], [
            0.345,
            -0.205,
          ]]),
          YELLOW,
        ),
      ];
  }
}

function eye(variant: number): Shape[] {
  const centre: Point = [0.22, -0.305];
  const ring = [WHITE, RED, YELLOW][variant];
  const radius = [0.062, 0.066, 0.08][variant];
  const pupil = [0.038, 0.03, 0.03][variant];
  return [
    shape(ellipse(centre, radius, radius), ring, THIN_EDGE),
    shape(ellipse(centre, pupil, pupil), BLACK, 0),
    shape(ellipse([centre[0] + 0.012, centre[1] - 0.014], 0.011, 0.011), WHITE, 0),
  ];
}

function wing(variant: number, lift: number): Shape[] {
  const shoulder: Point = [0.1, -0.07];
  const turned = (outline: Outline) => turn(outline, shoulder, lift);
  switch (variant) {
    case 0: { // round, with a pale tip
      const whole = smooth([[0.15, -0.08], [0.08, 0.06], [-0.1, 0.13], [-0.3, 0.1], [-0.36, 0.02], [
        -0.18,
        -0.07,
      ], [0.04, -0.14]]);
      const tip = smooth([[-0.2, 0.1], [-0.3, 0.08], [-0.335, 0.025], [-0.22, 0.0]]);
      return [shape(turned(whole), BLUE), shape(turned(tip), 0x9cc7f2, 0)];
    }
    case 1: { // pointed, with two bars
      const whole: Point[] = [
        ...bend([0.15, -0.1], [0.12, 0.08], [-0.12, 0.1]),
        ...bend([-0.12, 0.1], [-0.34, 0.1], [-0.56, -0.02]),
        ...bend([-0.56, -0.02], [-0.2, -0.1], [0.05, -0.15]),
        [0.05, -0.15],
      ];
      const bars: Point[][] = [
        line([0.0, -0.1], [-0.06, 0.06], 0.035),
        line([-0.14, -0.075], [-0.2, 0.06], 0.035),
      ];
      return [shape(turned(whole), GREEN), ...bars.map((bar) => shape(turned(bar), WHITE, 0))];
    }
    case 2: { // three rows of scallops
      const rows = [[-0.24, 0.0, 0.15, 0.1], [-0.11, -0.01, 0.15, 0.115], [0.02, -0.03, 0.13, 0.105]];
      const colours = [0xb98a5c, 0xa06f42, BROWN];
      return rows.map(([x, y, rx, ry], i) => shape(turned(ellipse([x, y], rx, ry)), colours[i]));
    }
    default: { // three fingers
      const fingers: Point[][] = [
        smooth([[0.12, -0.12], [-0.16, -0.14], [-0.44, -0.13], [-0.46, -0.08], [-0.16, -0.05], [0.1, -0.03]]),
        smooth([[0.12, -0.1], [-0.12, -0.06], [-0.4, -0.01], [-0.41, 0.045], [-0.12, 0.03], [0.11, 0.0]]),
        smooth([[0.14, -0.1], [-0.08, 0.0], [-0.28, 0.09], [-0.28, 0.145], [-0.02, 0.11], [0.13, 0.0]]),
      ];
      return fingers.map((finger, i) => shape(turned(finger), i === 1 ? YELLOW : PURPLE));
    }
  }
}

function tail(variant: number, lift: number): Shape[] {
  const root: Point = [-0.3, 0.04];
  const turned = (outline: Outline) => turn(outline, root, lift);
  switch (variant) {
    case 0: // a fan of three feathers
      return [-24, 0, 24].map((angle) =>
        shape(
          turned(turn(ellipse([-0.47, 0.05], 0.19, 0.065), root, angle)),
          angle === 0 ? 0xf4a35a : RED,
        )
      );
    case 1: // forked
      return [
        shape(
          turned([
            [-0.26, -0.03],
            ...bend([-0.26, -0.03], [-0.5, -0.02], [-0.76, -0.13]),
            [-0.76, -0.13],
            [-0.55, 0.055],
            [-0.76, 0.22],
            ...bend([-0.76, 0.22], [-0.5, 0.12], [-0.26, 0.11]),
          ]),
          SLATE,
        ),
      ];
    case 2: // a long spike
      return [
        shape(
          turned([
            ...bend([-0.26, -0.04], [-0.52, -0.03], [-0.82, 0.04]),
            ...bend([-0.82, 0.04], [-0.52, 0.13], [-0.26, 0.12]),
          ]),
          TEAL,
        ),
      ];
    default: // short and square, with a band
      return [
        shape(turned([[-0.24, -0.06], [-0.57, -0.08], [-0.57, 0.16], [-0.24, 0.12]]), WHITE),
        shape(turned([[-0.46, -0.074], [-0.53, -0.077], [-0.53, 0.152], [-0.46, 0.145]]), BLACK, 0),
      ];
  }
}

/** The point where the bird stands. */
export const GROUND: Point = [0.05, 0.42];

function foot(variant: number, offset: number): Shape[] {
  const x = 0.02 + offset;
  const [, ground] = GROUND;
  const hip: Point = [x, 0.2];
  const ankle: Point = [x + 0.02, ground - 0.02];
  switch (variant) {
    case 0: // three toes
      return [
        shape(line(hip, ankle, 0.028), ORANGE, THIN_EDGE),
        ...[[0.1, 0.005], [0.055, 0.03], [-0.05, 0.01]].map(([dx, dy]) =>
          shape(line(ankle, [ankle[0] + dx, ground + dy], 0.026), ORANGE, THIN_EDGE)
        ),
      ];
    case 1: // webbed
      return [
        shape(line(hip, ankle, 0.034), RED, THIN_EDGE),
        shape(
          [
            [ankle[0] - 0.025, ankle[1] - 0.03],
            [ankle[0] + 0.13, ground],
            [ankle[0] + 0.06, ground + 0.035],
            [
              ankle[0] - 0.04,
              ground + 0.02,
            ],
          ],
          RED,
          THIN_EDGE,
        ),
      ];
    default: // thick legs with dark claws
      return [
        shape(line(hip, [ankle[0], ground], 0.062), 0x5f9bd0, THIN_EDGE),
        shape(ellipse([ankle[0] + 0.035, ground], 0.07, 0.03), BLACK, THIN_EDGE),
      ];
  }
}

function breast(variant: number): Shape[] {
  const whole = smooth([[0.29, -0.15], [0.33, -0.02], [0.27, 0.12], [0.12, 0.205], [0.07, 0.12], [
    0.15,
    -0.02,
  ], [
    0.2,
    -0.13,
  ]]);
  switch (variant) {
    case 0: // plain
      return [shape(whole, 0xe8623a)];
    case 1: // spotted
      return [
        shape(whole, WHITE),
        ...[[0.25, -0.08], [0.22, 0.005], [0.285, 0.02], [0.17, 0.075], [0.24, 0.095], [0.145, 0.15]].map((
          [x, y],
        ) => shape(ellipse([x, y], 0.023, 0.023), BLACK, 0)),
      ];
    case 2: // striped
      return [shape(whole, (_, y) => Math.floor((y + 1) / 0.045) % 2 === 0 ? YELLOW : BLACK)];
    default: // a dark bib
      return [
        shape(whole, 0xf3e3b0),
        shape(
          smooth([[0.29, -0.145], [0.315, -0.03], [0.24, 0.03], [0.16, -0.01], [0.205, -0.125]]),
          0x34508f,
          0,
        ),
      ];
  }
}
