/** The cost of an image's masks, by method. */
import { SAM2_CONFIGURATIONS } from "../../lib/models/sam2/configurations.ts";
import { decodingProgram, embeddingProgram } from "../../lib/models/sam2/programs.ts";
import { imageTensorSpecs } from "../../lib/models/sam2/tensor_specs.ts";
import { pointProgram } from "../../lib/models/mobile_sam/programs.ts";
import { DIRECT_SAM, DIRECT_SAM_SIDE } from "../../lib/models/segformer/direct_sam.ts";
import { segformerEncoder } from "../../lib/models/segformer/encoder.ts";
import { segformerHead } from "../../lib/models/segformer/head.ts";
import { segformerContext } from "../../lib/models/segformer/segformer.ts";
import {
  type AutomaticMaskParameters,
  MOBILE_SAM_PARAMETERS,
  PAPER_PARAMETERS,
  REFERENCE_PARAMETERS,
} from "../../lib/segment/automatic_masks/parameters.ts";
import { pointGrids } from "../../lib/segment/automatic_masks/point_grids.ts";
import type { SegmentMethod } from "../../lib/segment/methods.ts";
import { program } from "../../lib/tensor/graph.ts";
import { input } from "../../lib/tensor/ops/source.ts";
import { bytesOf } from "../../lib/tensor/memory.ts";
import { costOf, type ProgramCost } from "./operations.ts";
import type { DataSizes } from "./sizes.ts";

/** Programs, and how often each runs. */
type Runs = readonly (readonly [cost: Pick<ProgramCost, "flop" | "work" | "nodes">, times: number])[];

/** The cost of one image. */
export interface MaskCost {
  readonly runs: Runs;
  readonly flop: number;
  readonly seconds: number;
  readonly bytes: number;
  /** Bytes that a process holds for it. */
  readonly memory: number;
}

/** Sorting a candidate whose predicted IoU passes, of which there are three in ten. */
const SECONDS_A_CANDIDATE = 0.3 * 1e-3;
/** The boundaries of an image drawn by SLIT, and the contours of one, by its pixels. */
const SLIT_SECONDS_A_PIXEL = 6e-7;
const CONTOUR_SECONDS_A_PIXEL = 4e-7;
/** Onnxruntime keeps the blocks of SLIT's small maps, into which its large ones don't fit: by bench/slit.ts. */
const SLIT_BLOCKS = 2.35;
/** A file of masks. */
const BYTES = 60_000;
/** MobileSAM's encoder, a ready ONNX file: 39 GFLOP by its authors' table in some large steps, and its weights. */
const MOBILE_SAM_ENCODER = {
  flop: 78e9,
  work: { product: [{ size: 78e9 / 100, count: 100 }], convolution: [], image: [], pass: [], move: [] },
  nodes: 600,
  weights: 40e6,
};
/** Prompts of one run of a decoder. */
const BATCH = 8;

/**
 * @param weights the bytes of the checkpoint, if they are known
 * @param stored whether embeddings are an input
 */
export function maskCost(
  method: SegmentMethod,
  { width, height }: DataSizes,
  weights: number | undefined,
  stored: boolean,
): MaskCost {
  const area = width * height;
  switch (method.name) {
    case "sam2": {
      const preset = method.preset === "paper" ? PAPER_PARAMETERS : REFERENCE_PARAMETERS;
      return promptableCost({ ...preset, ...method.parameters }, sam2Programs(weights), stored, area);
    }
    case "mobile-sam":
      return promptableCost(
        { ...MOBILE_SAM_PARAMETERS, ...method.parameters },
        mobileSamPrograms(),
        stored,
        area,
      );
    case "slit": {
      const { network, memory } = slitCost();
      return {
        runs: [[network, 1]],
        flop: network.flop,
        seconds: area * SLIT_SECONDS_A_PIXEL,
        bytes: BYTES,
        memory,
      };
    }
    case "contour":
      return {
        runs: [],
        flop: 0,
        seconds: area * CONTOUR_SECONDS_A_PIXEL,
        bytes: BYTES / 10,
        memory: 80 * area,
      };
    default:
      return { runs: [], flop: 0, seconds: 0.02, bytes: BYTES / 10, memory: 20 * area };
  }
}

/** The work of a promptable model, and the memory of its weights and programs. */
interface PromptablePrograms {
  readonly encoder: Runs[number][0];
  /** For a batch of points. */
  readonly decoder: Runs[number][0];
  readonly memory: number;
}

function promptableCost(
  { pointsPerSide, cropLayers, cropPointsDownscale, multimask, refine }: AutomaticMaskParameters,
  { encoder, decoder, memory }: PromptablePrograms,
  stored: boolean,
  area: number,
): MaskCost {
  const { crops, points } = cropCounts(pointsPerSide, cropLayers, cropPointsDownscale);
  const candidates = points * (multimask ? 3 : 1);
  const runs: Runs = [
    ...(stored ? [] : [[encoder, crops] as const]),
    [decoder, points / BATCH * (refine ? 2 : 1)],
  ];
  return {
    runs,
    flop: runs.reduce((sum, [{ flop }, times]) => sum + flop * times, 0),
    seconds: candidates * SECONDS_A_CANDIDATE,
    bytes: BYTES,
    memory: memory + 300 * area,
  };
}

/** The crops of an image and the points in all of them. */
export function cropCounts(pointsPerSide: number, layers: number, downscale: number) {
  const grids = pointGrids(pointsPerSide, layers, downscale).map((grid) => grid.length / 2);
  const crops = grids.map((_, layer) => 4 ** layer);
  return {
    crops: crops.reduce((sum, n) => sum + n, 0),
    points: grids.reduce((sum, points, layer) => sum + points * crops[layer], 0),
  };
}

/** The encoder of a promptable model. */
export function encoderCost(name: "sam2" | "mobile-sam", weights: number | undefined): Runs[number][0] {
  return name === "sam2" ? sam2Programs(weights).encoder : MOBILE_SAM_ENCODER;
}

/** The programs of the published size whose weights are nearest to a checkpoint's; B+ where none is known. */
function sam2Programs(checkpoint?: number): PromptablePrograms {
  const sizes = Object.values(SAM2_CONFIGURATIONS).map((configuration) => ({
    configuration,
    weights: imageTensorSpecs(configuration).reduce((sum, spec) => sum + bytesOf(spec as never), 0),
  }));
  const distance = (weights: number) => Math.abs(Math.log(weights / checkpoint!));
  const { configuration, weights } = checkpoint === undefined
    ? sizes.find(({ configuration }) => configuration === SAM2_CONFIGURATIONS["hiera-base-plus"])!
    : sizes.toSorted((a, b) => distance(a.weights) - distance(b.weights))[0];
  const encoder = costOf(embeddingProgram(configuration));
  const decoding = { batch: BATCH, points: 1, masks: false, chosen: [1, 2, 3] } as const;
  const decoder = costOf(decodingProgram(configuration, decoding));
  return { encoder, decoder, memory: 2 * weights + encoder.bytes + decoder.bytes };
}

function mobileSamPrograms(): PromptablePrograms {
  const decoder = costOf(pointProgram(BATCH, [1, 2, 3]));
  return { encoder: MOBILE_SAM_ENCODER, decoder, memory: 6 * MOBILE_SAM_ENCODER.weights + decoder.bytes };
}

function slitCost(): { network: ProgramCost; memory: number } {
  const context = segformerContext(DIRECT_SAM);
  const images = input("images", "float32", [1, 3, DIRECT_SAM_SIDE, DIRECT_SAM_SIDE]);
  const stages = segformerEncoder(images, DIRECT_SAM, context);
  const network = program({ logits: segformerHead(stages.map(({ result }) => result), context) });
  const weights = [...network.inputs.values()].reduce(
    (sum, value) => sum + bytesOf(network.values[value]),
    0,
  );
  const cost = costOf(network);
  return { network: cost, memory: 2 * weights + SLIT_BLOCKS * cost.bytes };
}
