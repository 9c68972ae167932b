/** The trainings that bench/epoch.ts measures. */

import type { ModelName } from "../lib/models/models.ts";

/** A phase of a model, for both sides. */
export interface EpochCase {
  readonly model: ModelName;
  readonly phase: "joint" | "warmup";
  /** A ResNet of bottleneck blocks. */
  readonly layers: readonly number[];
  readonly width: number;
  readonly classes: number;
  /** The sizes of the head, in the order of the peer's arguments. */
  readonly architecture: Readonly<Record<string, number>>;
  /** Views per image; PIP-Net compares the two views of a pair. */
  readonly views: number;
  /** Height and width of a view. */
  readonly size: number;
  readonly images: number;
  /** Images per micro-batch. */
  readonly batch: number;
  readonly accumulate: number;
}

type Sizes = Omit<EpochCase, "model" | "phase">;

/** The names of all trainings. */
export const EPOCHS = ["protomask", "protopnet", "protopool", "pipnet", "pipnet-warmup"];

const SMALL = { layers: [1, 1, 1, 1], width: 16, classes: 10, views: 1, size: 64, batch: 64, accumulate: 1 };

/** One step with 8 views at full size, and the head of the study. */
const RESNET50 = {
  layers: [3, 4, 6, 3],
  width: 64,
  classes: 200,
  views: 1,
  size: 224,
  images: 8,
  batch: 8,
  accumulate: 1,
};

const OWN = { prototypesPerClass: 10, depth: 128 };

const SIZES: Readonly<Record<string, Readonly<Record<ModelName, Sizes>>>> = {
  small: {
    protomask: { ...SMALL, architecture: OWN, views: 6, images: 64, batch: 16, accumulate: 4 },
    protopnet: { ...SMALL, architecture: OWN, images: 256 },
    protopool: { ...SMALL, architecture: { prototypes: 25, slots: 10, depth: 128 }, images: 256 },
    pipnet: { ...SMALL, architecture: {}, views: 2, images: 128 },
  },
  resnet50: {
    protomask: { ...RESNET50, architecture: { ...OWN, depth: 1280 }, views: 4, images: 2, batch: 2 },
    protopnet: { ...RESNET50, architecture: OWN },
    protopool: { ...RESNET50, architecture: { prototypes: 205, slots: 10, depth: 128 } },
    pipnet: { ...RESNET50, architecture: {}, views: 2, images: 4, batch: 4 },
  },
};

/**
 * @param name of a model, or `pipnet-warmup`: the only warm-up that trains a backbone
 * @throws {RangeError} if there is no such size or name.
 */
export function epochCase(size: string, name: string): EpochCase {
  const sizes = SIZES[size];
  if (!sizes) throw new RangeError(`there is no size "${size}"; it must be one of ${Object.keys(SIZES)}`);
  const phase = name === "pipnet-warmup" ? "warmup" : "joint";
  const model = (phase === "warmup" ? "pipnet" : name) as ModelName;
  if (!Object.hasOwn(sizes, model)) throw new RangeError(`"${name}" is none of ${EPOCHS}`);
  return { model, phase, ...sizes[model] };
}
