/** One case of bench/gpu.ts on one device: prints its answer as JSON. */

import { Explainer } from "../lib/explain/explainer.ts";
import { explainedModel } from "../lib/explain/explained_model.ts";
import { type ModelDescription, modelOf } from "../lib/models/model_folder.ts";
import { CLASS_WEIGHTS } from "../lib/models/prototypes/head.ts";
import { initialResNet } from "../lib/models/resnet_init.ts";
import { Sam2Predictor } from "../lib/models/sam2/predictor.ts";
import { trainEpoch } from "../lib/models/training/loop/epoch.ts";
import { untrained } from "../lib/models/training/state/training_state.ts";
import { PhaseTraining } from "../lib/models/training/step/phase_training.ts";
import { sgd } from "../lib/nn/optim/sgd.ts";
import { under } from "../lib/nn/parameters.ts";
import type { Device } from "../lib/runtime/device.ts";
import { ResidentProgram } from "../lib/runtime/resident.ts";
import { generateMasks } from "../lib/segment/automatic_masks/generate_masks.ts";
import { PAPER_PARAMETERS } from "../lib/segment/automatic_masks/parameters.ts";
import { pointGrid } from "../lib/segment/automatic_masks/point_grids.ts";
import { Sam2MaskModel } from "../lib/segment/automatic_masks/sam2_model.ts";
import { elementCount, float32, type HostTensor, hostTensor, int64 } from "../lib/tensor/host_tensor.ts";
import { RandomStream } from "../lib/tensor/random.ts";
import { type Image, image } from "../lib/vision/image.ts";
import { compressRunLengths } from "../lib/vision/masks/rle_string.ts";
import { IMAGENET } from "../lib/vision/normalize.ts";
import { generatedWeights, SMALL } from "../tests/models/sam2/generated_model.ts";
import { relativeDifference } from "../tests/relative_difference.ts";
import { smallTraining } from "../tests/runtime/small_training.ts";
import { type GpuCase, type GpuSizes, SIZES } from "./gpu_case.ts";

const { name, device, size } = JSON.parse(Deno.args[0]) as GpuCase;
const sizes: GpuSizes = SIZES[size];
const measures: Record<GpuCase["name"], () => Promise<string>> = {
  "parity of a step": stepParity,
  "parity of masks": maskParity,
  joint,
  segment,
  prp,
};
console.log(JSON.stringify({ text: await measures[name]() }));
Deno.exit(0);

function random(shape: readonly number[], low: number, high: number, purpose: string): HostTensor<"float32"> {
  const data = new Float32Array(elementCount(shape));
  new RandomStream({ seed: 1, purpose }).fillUniform(data, low, high);
  return float32(shape, data);
}

function randomImage(width: number, height: number): Image {
  const drawn = image(width, height, "RGB");
  drawn.data.set(random([drawn.data.length], 0, 255.9, "image").data);
  return drawn;
}

/** Seconds of the fastest of a few runs after the first, which compiles. */
async function fastest(run: () => Promise<unknown>, runs = 3): Promise<number> {
  await run();
  let best = Infinity;
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    await run();
    best = Math.min(best, performance.now() - start);
  }
  return best / 1000;
}

function rate(perSecond: number): string {
  return `${perSecond < 10 ? perSecond.toPrecision(2) : Math.round(perSecond)} images/s`;
}

async function stepParity(): Promise<string> {
  const config = { block: "bottleneck", layers: [1], width: 8, strides: [2] } as const;
  const { program, feedback, state, inputs } = smallTraining(config, [2, 3, 32, 32], sgd({ momentum: 0.9 }));
  const trained = async (device: Device) => {
    const resident = await ResidentProgram.open(program, { feedback, state, device });
    await resident.step(inputs(1));
    const { loss } = await resident.step(inputs(2));
    const values = await resident.read();
    await resident.release();
    return values.set("loss", loss);
  };
  const expected = await trained("cpu");
  const found = [...await trained(device)].map(([name, value]) =>
    relativeDifference(value, expected.get(name)!)
  );
  return `differs by ${Math.max(...found).toExponential(1)}`;
}

async function maskParity(): Promise<string> {
  const photograph = randomImage(160, 120);
  // Masks from generated weights are not stable; low thresholds keep many of them.
  const parameters = {
    ...PAPER_PARAMETERS,
    pointsPerSide: 6,
    predictedIouThreshold: 0.35,
    stabilityThreshold: 0.3,
    stabilityOffset: 0.1,
    cropLayers: 0,
  };
  const masksOn = async (device: Device) => {
    const predictor = new Sam2Predictor(SMALL, generatedWeights(SMALL), { device });
    const { masks } = await generateMasks(photograph, new Sam2MaskModel(predictor), parameters);
    await predictor.release();
    return masks.map(({ runs }) => compressRunLengths(runs));
  };
  const expected = await masksOn("cpu");
  const found = new Set(await masksOn(device));
  const same = expected.filter((mask) => found.has(mask)).length;
  return `${same} of ${expected.length} masks the same (${found.size} found)`;
}

/** ProtoMask with random weights. */
function protoMask(): {
  description: ModelDescription;
  model: ReturnType<typeof modelOf>;
  state: Map<string, HostTensor>;
} {
  const { layers, classes, depth, side, views } = sizes;
  const backbone = {
    block: "bottleneck" as const,
    layers: [...layers],
    width: size === "small" ? 8 : 64,
    strides: layers.map((_, i) => i === 0 ? 1 : 2),
  };
  const description = {
    model: "protomask",
    backbone,
    classes: Array.from({ length: classes }, (_, i) => String(i)),
    prototypesPerClass: 10,
    depth,
    width: side,
    height: side,
    viewsPerImage: views,
    colors: { mean: [...IMAGENET.mean], std: [...IMAGENET.std] },
  } as ModelDescription;
  const model = modelOf(description);
  const state = new Map<string, HostTensor>([
    ...model.initialState(1),
    ...under("backbone", initialResNet(backbone, 1)),
    [CLASS_WEIGHTS, float32([classes], new Float32Array(classes).fill(1))],
  ]);
  return { description, model, state };
}

async function joint(): Promise<string> {
  const { model, state } = protoMask();
  const { batch, views, side, classes, accumulate } = sizes;
  const training = new PhaseTraining(untrained(state), { model, phase: "joint", accumulate, device });
  const { data, shape } = random([batch, views, 3, side, side], 0, 255.9, "views");
  const labels = int64([batch], Array.from({ length: batch }, (_, i) => i % classes));
  const levels = { x: hostTensor("uint8", shape, Uint8Array.from(data)), labels, colors: IMAGENET };
  const rates = Object.fromEntries(model.groups("joint").map(({ name }) => [name, 1e-5]));
  const batches = new Array(Math.max(accumulate, training.batchesPerRun)).fill(levels);
  const options = { rates, accumulate, leftOverGradients: "reference" } as const;
  const epoch = await fastest(() => trainEpoch(training, batches, options), 2);
  return rate(batches.length * batch / epoch);
}

async function segment(): Promise<string> {
  const { sam2, points, crops } = sizes;
  const predictor = new Sam2Predictor(sam2, generatedWeights(sam2), { device });
  const photograph = randomImage(500, 375);
  const grid = pointGrid(Math.sqrt(points)).map((at, i) => at * (i % 2 === 0 ? 500 : 375));
  const crop = await fastest(
    async () => predictor.decode(await predictor.embed(photograph), { count: points, points: grid }),
    2,
  );
  return `${rate(1 / (crops * crop))}, networks alone`;
}

async function prp(): Promise<string> {
  const { views, side, prototypes } = sizes;
  const explainer = new Explainer(explainedModel(protoMask()), { method: "prp", session: { device } });
  const shown = random([views, 3, side, side], -2, 2, "views");
  const pairs = Array.from({ length: prototypes }, (_, i) => ({ prototype: i, view: i % views }));
  const image = await fastest(async () => {
    await explainer.similarities(shown, 0);
    await explainer.relevance(shown, pairs, "reference");
  });
  return rate(1 / image);
}
