/** Filters in the decoder's program keep the list of masks that those on the host keep: order, bits, scores and counts. */

import { deepStrictEqual, ok, strictEqual } from "node:assert";
import fc from "fast-check";
import { generateMasks } from "../../../../lib/segment/automatic_masks/generate_masks.ts";
import {
  type AutomaticMaskParameters,
  PAPER_PARAMETERS,
  REFERENCE_PARAMETERS,
} from "../../../../lib/segment/automatic_masks/parameters.ts";
import type {
  PointMasks,
  PromptableModel,
} from "../../../../lib/segment/automatic_masks/promptable_model.ts";
import { Sam2MaskModel } from "../../../../lib/segment/automatic_masks/sam2_model.ts";
import { Sam2Predictor } from "../../../../lib/models/sam2/predictor.ts";
import { FALLBACK } from "../../../../lib/models/sam2/single_mask.ts";
import { image } from "../../../../lib/vision/image.ts";
import type { Box } from "../../../../lib/vision/masks/boxes.ts";
import { emptyTaps, type Taps } from "../../../../lib/vision/resize/taps.ts";
import { interpolationTaps } from "../../../../lib/vision/resize/torch.ts";
import { generatedWeights, SMALL } from "../../../models/sam2/generated_model.ts";
import { maskListText } from "../mask_list.ts";
import { PoolModel } from "../pool_model.ts";
import { DiscModel } from "../stub_model.ts";
import { FilteringModel } from "./filtering_model.ts";

type Parameters = AutomaticMaskParameters;

/** The masks and counts of both sides, which must agree; gives those of the host. */
async function agreed(
  modelOf: () => PromptableModel<Box>,
  [width, height]: readonly [number, number],
  parameters: Parameters,
  batch = 2,
) {
  const picture = image(width, height, "RGB");
  const expected = await generateMasks(picture, modelOf(), parameters);
  const model = new FilteringModel(modelOf(), batch);
  const got = await generateMasks(picture, model, parameters);
  await model.release();
  strictEqual(maskListText(got.masks), maskListText(expected.masks));
  deepStrictEqual(got, expected);
  return { ...expected, model };
}

const CASES: Record<string, readonly [width: number, height: number, Partial<Parameters>]> = {
  "the reference's parameters": [500, 375, { ...REFERENCE_PARAMETERS, cropLayers: 1 }],
  "the paper's parameters": [333, 500, {
    ...PAPER_PARAMETERS,
    cropLayers: 1,
    stabilityThreshold: 0.8,
    boxNmsThreshold: 1,
    cropNmsThreshold: 1,
  }],
  "larger regions": [640, 480, { minRegionArea: 60, cropLayers: 0 }],
  "crops smaller than the logits, another threshold": [201, 149, {
    maskThreshold: 0.3,
    cropLayers: 1,
    predictedIouThreshold: 0.4,
    stabilityThreshold: 0.7,
    stabilityOffset: 1.5,
    boxNmsThreshold: 1,
    cropNmsThreshold: 1,
    minRegionArea: 2.5,
  }],
  "no filter": [160, 200, {
    cropLayers: 0,
    predictedIouThreshold: 0,
    stabilityThreshold: 0,
    boxNmsThreshold: 1,
  }],
  "one side longer than the logits": [900, 130, { cropLayers: 1 }],
};

for (const [name, [width, height, parameters]] of Object.entries(CASES)) {
  Deno.test(`masks at real sizes, filtered on a device: ${name}`, async () => {
    const all = { ...REFERENCE_PARAMETERS, ...parameters, pointsPerSide: 3 };
    const { masks, crops } = await agreed(() => new PoolModel(9, 2), [width, height], all, 4);
    ok(masks.length > 0 && crops.every(({ candidates }) => candidates === 27));
  });
}

const SIDE = 8;

/** Answers with given logits and scores, the same for each batch. */
class GivenModel implements PromptableModel<Box> {
  constructor(
    private readonly logits: Float32Array,
    private readonly ious: Float32Array,
    private readonly taps: (from: number, to: number) => Taps,
  ) {}

  embed(_: unknown, crop: Box): Promise<Box> {
    return Promise.resolve(crop);
  }

  decode(): Promise<PointMasks> {
    const { logits, ious } = this;
    return Promise.resolve({ masks: 3, logits, ious, width: SIDE, height: SIDE });
  }

  stretching(width: number, height: number) {
    return { columns: this.taps(SIDE, width), rows: this.taps(SIDE, height) };
  }
}

const bilinear = (from: number, to: number) => interpolationTaps(from, to, "bilinear");

/** Each output is the mean of three samples, or of those that there are. */
function averages(from: number, to: number): Taps {
  const taps = emptyTaps(to, 3);
  for (let i = 0; i < to; i++) {
    taps.start[i] = Math.min(i, from - 1);
    taps.count[i] = Math.min(3, from - taps.start[i]);
    taps.weights.fill(1 / taps.count[i], 3 * i, 3 * i + taps.count[i]);
  }
  return taps;
}

/** Numbers at, below and above the limits of the parameters below, in float32. */
function around(limit: number): number[] {
  const at = new Float32Array([limit]);
  const bits = new Int32Array(at.buffer);
  const next = (by: number) => new Float32Array(new Int32Array([bits[0] + by]).buffer)[0];
  return [next(-1), at[0], next(1)];
}

const parametersOf = fc.record({
  maskThreshold: fc.constantFrom(0, 0.25, -0.5),
  stabilityOffset: fc.constantFrom(0, 0.25, 1),
  stabilityThreshold: fc.constantFrom(0, 0.5, 0.9, 1),
  predictedIouThreshold: fc.constantFrom(0, 0.8),
  minRegionArea: fc.constantFrom(0, 0.5, 1, 2.5, 6, 70),
  removeRegions: fc.boolean(),
});
const cases = parametersOf.chain((parameters) => {
  const { maskThreshold: middle, stabilityOffset: offset } = parameters;
  // A score that is none can't be ranked, so that only its filter may see one.
  const unranked = parameters.predictedIouThreshold > 0 ? [NaN] : [];
  const edges = [middle - offset, middle, middle + offset].flatMap(around);
  const value = fc.constantFrom(...edges, -3, 3, 0, -0, NaN);
  const smooth = fc.constantFrom(-3, -3, -3, 3, 3, 3, NaN);
  const logits = fc.oneof(value, smooth, fc.float({ min: -4, max: 4, noNaN: true }));
  const map = fc.array(logits, { minLength: SIDE ** 2, maxLength: SIDE ** 2 });
  const flat = fc.constantFrom(-3, 3, NaN, middle).map((level) => new Array<number>(SIDE ** 2).fill(level));
  return fc.record({
    parameters: fc.constant(parameters),
    maps: fc.array(fc.oneof({ weight: 3, arbitrary: map }, flat), { minLength: 12, maxLength: 12 }),
    ious: fc.array(fc.constantFrom(...around(0.8), 0, 1, ...unranked), { minLength: 12, maxLength: 12 }),
    size: fc.constantFrom([8, 8] as const, [13, 30] as const, [90, 61] as const),
    taps: fc.constantFrom(bilinear, averages),
  });
});

Deno.test("ties at limits, numbers that are none, empty and full masks", async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ parameters, maps, ious, size, taps }) => {
      const [logits, scores] = [Float32Array.from(maps.flat()), Float32Array.from(ious)];
      await agreed(() => new GivenModel(logits, scores, taps), size, {
        ...PAPER_PARAMETERS,
        ...parameters,
        pointsPerSide: 2,
        cropLayers: size[0] > 80 ? 1 : 0,
        boxNmsThreshold: 1,
        cropNmsThreshold: 1,
      }, 3);
    }),
    { numRuns: 60 },
  );
});

Deno.test("regions that wind, and those of just the largest size", async () => {
  const rows = [
    "########",
    "#......#",
    "#.####.#",
    "#.#..#.#",
    "#.#.##.#",
    "#.#....#",
    "#.######",
    "#.......",
  ];
  const spiral = Float32Array.from(rows.join(""), (mark) => mark === "#" ? 2 : -3);
  const logits = new Float32Array(12 * SIDE ** 2);
  for (let map = 0; map < 12; map++) {
    logits.set(spiral.map((value) => map % 2 ? -value : value), map * SIDE ** 2);
  }
  const ious = new Float32Array(12).fill(0.9);
  for (const minRegionArea of [1, 2, 3, 20, 23, 24, 25, 28, 29, 35, 36, 64]) {
    await agreed(() => new GivenModel(logits, ious, bilinear), [32, 40], {
      ...PAPER_PARAMETERS,
      pointsPerSide: 2,
      cropLayers: 0,
      stabilityThreshold: 0,
      boxNmsThreshold: 1,
      minRegionArea,
    });
  }
});

Deno.test("only masks that pass leave the device, and crops of similar sizes share a program", async () => {
  const discs = () => new DiscModel();
  const parameters = { ...PAPER_PARAMETERS, pointsPerSide: 4, cropLayers: 1, stabilityThreshold: 0.6 };
  const { crops, model } = await agreed(discs, [200, 160], parameters, 5);
  const passed = crops.reduce((total, { afterEdge }) => total + afterEdge, 0);
  const rows = model.outputs.reduce((total, { bits }) => total + bits.shape[0], 0);
  ok(passed > 0);
  strictEqual(rows, passed);
  ok(model.outputs.some(({ bits }) => bits.shape[0] === 0), "no mask of some runs passes");
  strictEqual(new Set(model.keys).size, 1);
});

Deno.test("SAM 2 with its filters in the decoder's program gives the same masks", async () => {
  const predictor = new Sam2Predictor(SMALL, generatedWeights(SMALL), { threads: 2 });
  const parameters = {
    ...REFERENCE_PARAMETERS,
    pointsPerSide: 5,
    cropLayers: 0,
    predictedIouThreshold: 0.35,
    stabilityThreshold: 0.3,
    stabilityOffset: 0.1,
  };
  const picture = image(120, 90, "RGB", Uint8Array.from({ length: 32400 }, (_, i) => (i * 7919) % 251));
  for (const more of [{}, { multimask: false }, { refine: true }]) {
    const of = (keepsMasks: boolean) =>
      generateMasks(picture, new Sam2MaskModel(predictor, { keepsMasks }), { ...parameters, ...more });
    const [expected, got] = [await of(false), await of(true)];
    ok(expected.masks.length > 0);
    deepStrictEqual(got, expected);
  }
  await predictor.release();
});

Deno.test("masks stay on CUDA, but not where the host chooses among them", () => {
  const on = (device: "cpu" | "cuda" | "webgpu", more: object = {}) =>
    new Sam2MaskModel(new Sam2Predictor(SMALL, new Map(), { device }), more).decodeInto !== undefined;
  deepStrictEqual([on("cuda"), on("cpu"), on("webgpu"), on("cuda", { fallback: FALLBACK })], [
    true,
    false,
    false,
    false,
  ]);
});
