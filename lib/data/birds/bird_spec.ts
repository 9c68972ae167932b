/** The specification of a procedural bird: the parts of its class, and a random pose, light and scene. */

import { RandomStream } from "../../tensor/random.ts";
import type { Split } from "../data_set.ts";

/** The parts that distinguish classes. The id of a part is its position in this list, from 1. */
export const BIRD_PARTS = ["beak", "eye", "wing", "tail", "feet", "breast"] as const;

export type BirdPart = typeof BIRD_PARTS[number];

/** The number of variants of each part. */
export const PART_VARIANTS: Readonly<Record<BirdPart, number>> = {
  beak: 4,
  eye: 3,
  wing: 4,
  tail: 4,
  feet: 3,
  breast: 4,
};

/** The variant of each part, from 0. */
export type BirdVariants = Readonly<Record<BirdPart, number>>;

export const SCENES = ["sky", "meadow", "beach", "forest"] as const;

/** Lengths are fractions of the image's side; angles are in degrees. */
export interface BirdSpec {
  /** Width and height of the image in pixels. */
  readonly size: number;
  readonly variants: BirdVariants;
  /** Index of the body's plumage, which is independent of the class. */
  readonly plumage: number;
  readonly pose: {
    /** The centre of the body. */
    readonly x: number;
    readonly y: number;
    /** Length of the bird's unit: a bird is about one unit long from breast to tail. */
    readonly scale: number;
    readonly tilt: number;
    readonly mirrored: boolean;
    readonly wingLift: number;
    readonly tailLift: number;
    /** The distance between the feet. */
    readonly stride: number;
  };
  readonly light: {
    readonly brightness: number;
    /** Values above 0 increase red and decrease blue. */
    readonly warmth: number;
    /** The direction from which the light comes: 0 is right, 90 is below. */
    readonly angle: number;
  };
  readonly scene: {
    readonly kind: typeof SCENES[number];
    /** The seed of the scene's random details. */
    readonly seed: number;
  };
}

export interface BirdsOptions {
  readonly seed: number;
  /** 2 … 200. */
  readonly classes: number;
  readonly trainPerClass: number;
  readonly testPerClass: number;
  /** Width and height of the images in pixels. */
  readonly size: number;
}

/** The options of the data set that the workflow `birds` draws; sizes are in pixels. */
export const DEFAULT_BIRDS: BirdsOptions = {
  seed: 0,
  classes: 8,
  trainPerClass: 20,
  testPerClass: 10,
  size: 192,
};

export const PLUMAGES = 5;
/** The largest number of classes that `birdClasses` can make. */
export const MAX_CLASSES = 200;

/**
 * The parts of the first `count` classes. Each class is chosen to differ in as many parts as possible from
 * all earlier ones, so several classes share each variant and no single part identifies a class. The first
 * classes are the same for any `count` and any seed.
 */
export function birdClasses(count: number): BirdVariants[] {
  if (!Number.isInteger(count) || count < 2 || count > MAX_CLASSES) {
    throw new RangeError(`the number of bird classes must be from 2 to ${MAX_CLASSES}, but is ${count}`);
  }
  const all = combinations();
  const order = new RandomStream({ seed: 0, purpose: "bird classes" }).permutation(all.length);
  const candidates = Array.from(order, (i) => ({ variants: all[i], nearest: Infinity, shared: 0 }));
  const chosen: BirdVariants[] = [];
  while (chosen.length < count) {
    const best = candidates.reduce((a, b) =>
      b.nearest > a.nearest || (b.nearest === a.nearest && b.shared < a.shared) ? b : a
    );
    chosen.push(best.variants);
    for (const candidate of candidates) {
      const differing = BIRD_PARTS.filter((part) => candidate.variants[part] !== best.variants[part]).length;
      candidate.nearest = Math.min(candidate.nearest, differing);
      candidate.shared += BIRD_PARTS.length - differing;
    }
  }
  return chosen;
}

function combinations(): BirdVariants[] {
  return BIRD_PARTS.reduce<Record<string, number>[]>(
    (partial, part) =>
      partial.flatMap((variants) =>
        Array.from({ length: PART_VARIANTS[part] }, (_, variant) => ({ ...variants, [part]: variant }))
      ),
    [{}],
  ) as BirdVariants[];
}

/**
 * The bird of image `number` (from 0) of a class and split. It depends only on these three and the seed, so a
 * larger data set contains all birds of a smaller one.
 */
export function drawBird(
  { seed, size }: Pick<BirdsOptions, "seed" | "size">,
  variants: BirdVariants,
  image: { readonly label: number; readonly split: Split; readonly number: number },
): BirdSpec {
  const random = new RandomStream({
    seed,
    purpose: `bird ${image.split}`,
    epoch: image.label,
    index: image.number,
  });
  const scale = random.uniform(0.46, 0.6);
  const slackX = (1 - 1.5 * scale) / 2;
  const slackY = (1 - 1.05 * scale) / 2;
  return {
    size,
    variants,
    plumage: random.integer(PLUMAGES),
    pose: {
      x: 0.5 + random.uniform(-slackX, slackX),
      y: 0.5 + random.uniform(-slackY, slackY),
      scale,
      tilt: random.uniform(-12, 12),
      mirrored: random.integer(2) === 1,
      wingLift: random.uniform(-14, 24),
      tailLift: random.uniform(-16, 12),
      stride: random.uniform(0.09, 0.17),
    },
    light: {
      brightness: random.uniform(0.74, 1.02),
      warmth: random.uniform(-0.1, 0.1),
      angle: random.uniform(180, 360),
    },
    scene: { kind: SCENES[random.integer(SCENES.length)], seed: random.uint32() },
  };
}
