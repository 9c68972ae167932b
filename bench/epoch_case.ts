/** The trainings that bench/epoch.ts measures. */

export type ModelName = "protomask" | "protopnet" | "protopool" | "pipnet";

/** The joint phase of a model, for both sides. */
export interface EpochCase {
  readonly model: ModelName;
  /** A ResNet of bottleneck blocks. */
  readonly layers: readonly number[];
  readonly width: number;
  readonly classes: number;
  /** The sizes of the head: prototypes per class and depth; of ProtoPool prototypes, slots and depth. */
  readonly head: readonly number[];
  /** Views per image; PIP-Net compares the two views of a pair. */
  readonly views: number;
  /** Height and width of a view. */
  readonly size: number;
  readonly images: number;
  /** Images per micro-batch. */
  readonly batch: number;
  readonly accumulate: number;
  /** Learning rates by group. */
  readonly rates: Readonly<Record<string, number>>;
}

type Sizes = Omit<EpochCase, "model" | "rates">;

/** The learning rates of the study for CUB-200-2011, with crops. */
const RATES: Readonly<Record<ModelName, EpochCase["rates"]>> = {
  protomask: { backbone: 6e-5, prototype_vectors: 3e-3 },
  protopnet: { backbone: 4.7e-5, add_on_layers: 4.9e-5, prototype_vectors: 2.3e-3 },
  protopool: { backbone: 7.9e-5, add_on_layers: 1.3e-4, prototype_vectors: 9e-4, proto_presence: 9e-4 },
  pipnet: { backbone: 3e-5, prototype_layers: 2e-4, last_layer: 0.05 },
};

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

const SIZES: Readonly<Record<string, Readonly<Record<ModelName, Sizes>>>> = {
  small: {
    protomask: { ...SMALL, head: [10, 128], views: 6, images: 64, batch: 16, accumulate: 4 },
    protopnet: { ...SMALL, head: [10, 128], images: 256 },
    protopool: { ...SMALL, head: [25, 10, 128], images: 256 },
    pipnet: { ...SMALL, head: [], views: 2, images: 128 },
  },
  resnet50: {
    protomask: { ...RESNET50, head: [10, 1280], views: 4, images: 2, batch: 2 },
    protopnet: { ...RESNET50, head: [10, 128] },
    protopool: { ...RESNET50, head: [205, 10, 128] },
    pipnet: { ...RESNET50, head: [], views: 2, images: 4, batch: 4 },
  },
};

/** @throws {RangeError} if there is no such size or model. */
export function epochCase(size: string, model: string): EpochCase {
  const sizes = SIZES[size];
  if (!sizes) throw new RangeError(`there is no size "${size}"; it must be one of ${Object.keys(SIZES)}`);
  if (!Object.hasOwn(sizes, model)) {
    throw new RangeError(`there is no model "${model}"; it must be one of ${Object.keys(sizes)}`);
  }
  const name = model as ModelName;
  return { model: name, rates: RATES[name], ...sizes[name] };
}
