/**
 * Compares automatic masks of SAM 2.1 on the CPU with facebookresearch's code in PyTorch, alternating in one
 * run:
 *
 *     deno run -A bench/segment.ts [tiny] [base-plus] [rounds=2]
 *
 * One photograph of 640 × 480, 32 × 32 points, no crops; both sides read the same generated weights. Needs
 * python3 (or $PYTHON) with torch, torchvision, safetensors and sam2, and ../shared for the photograph.
 */

import process from "node:process";
import { createInterface } from "node:readline";
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { SAM2_CONFIGURATIONS, type Sam2Configuration } from "../lib/models/sam2/configurations.ts";
import { Sam2Predictor } from "../lib/models/sam2/predictor.ts";
import { writeSafetensors } from "../lib/nn/checkpoint/safetensors_writer.ts";
import { generateMasks } from "../lib/segment/automatic_masks/generate_masks.ts";
import { PAPER_PARAMETERS } from "../lib/segment/automatic_masks/parameters.ts";
import { Sam2MaskModel } from "../lib/segment/automatic_masks/sam2_model.ts";
import { decodeImage } from "../lib/vision/decode.ts";
import type { Image } from "../lib/vision/image.ts";
import { resizePillow } from "../lib/vision/resize/pillow.ts";
import { generatedWeights, SMALL } from "../tests/models/sam2/generated_model.ts";

const WIDTH = 640;
const HEIGHT = 480;
const PEER = fileURLToPath(new URL("peers/segment.py", import.meta.url));
const PHOTOGRAPH = "../../shared/data/cub200-sample/CUB_200_2011/images/001.Groove_billed_Ani/" +
  "Groove_Billed_Ani_0085_1612.jpg";

/**
 * Masks from generated weights are not stable, so these thresholds keep many of them and all steps have work.
 */
const PARAMETERS = {
  ...PAPER_PARAMETERS,
  predictedIouThreshold: 0.35,
  stabilityThreshold: 0.3,
  stabilityOffset: 0.1,
  // No mask is suppressed, so that the numbers of masks can be compared.
  boxNmsThreshold: 1,
  cropLayers: 0,
};

interface Round {
  readonly wall: number;
  /** CPU time of all threads. */
  readonly cpu: number;
  readonly masks: number;
}

async function runOwn(image: Image, predictor: Sam2Predictor): Promise<Round> {
  const [begin, before] = [performance.now(), process.cpuUsage()];
  const { masks } = await generateMasks(image, new Sam2MaskModel(predictor), PARAMETERS);
  const { user, system } = process.cpuUsage(before);
  return { wall: performance.now() - begin, cpu: (user + system) / 1000, masks: masks.length };
}

function shown({ wall, cpu, masks }: Round): string {
  return `${(wall / 1000).toFixed(1)} s (${(cpu / 1000).toFixed(1)} s of CPU), ${masks} masks`;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

async function compare(name: string, configuration: Sam2Configuration, rounds: number, folder: string) {
  const weights = generatedWeights(configuration);
  const paths = { weights: join(folder, `${name}.safetensors`), image: join(folder, "image.rgb") };
  writeSafetensors(paths.weights, weights);
  const file = fileURLToPath(new URL(PHOTOGRAPH, import.meta.url));
  const image = resizePillow(await decodeImage(file), WIDTH, HEIGHT, "bicubic");
  Deno.writeFileSync(paths.image, image.data);

  const settings = JSON.stringify({
    configuration,
    paths,
    width: WIDTH,
    height: HEIGHT,
    parameters: PARAMETERS,
  });
  const peer = spawn(Deno.env.get("PYTHON") ?? "python3", [PEER, settings], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const answers = createInterface({ input: peer.stdout })[Symbol.asyncIterator]();
  const predictor = new Sam2Predictor(configuration, weights);
  const own: Round[] = [];
  const other: Round[] = [];
  try {
    // The first round warms up both sides.
    for (let round = 0; round <= rounds; round++) {
      own.push(await runOwn(image, predictor));
      peer.stdin.write("\n");
      const answer = await answers.next();
      if (answer.done) throw new Error("the peer ended; it needs torch, torchvision, safetensors and sam2");
      other.push(JSON.parse(answer.value));
      console.log(`${name} round ${round}: protoflow ${shown(own[round])}; PyTorch ${shown(other[round])}`);
    }
  } finally {
    peer.stdin.end();
    await predictor.release();
  }
  const ratio = (of: (round: Round) => number) =>
    (median(other.slice(1).map(of)) / median(own.slice(1).map(of))).toFixed(2);
  console.log(
    `${name}: ${ratio(({ wall }) => wall)} × as fast, ${ratio(({ cpu }) => cpu)} × by CPU time; memory ${
      (Deno.memoryUsage().rss / 2 ** 30).toFixed(1)
    } GiB`,
  );
}

const models = { tiny: SMALL, "base-plus": SAM2_CONFIGURATIONS["hiera-base-plus"] };
const wanted = Deno.args.filter((argument) => argument in models);
const rounds = Number(Deno.args.find((argument) => argument.startsWith("rounds="))?.slice(7) ?? 2);
const folder = Deno.makeTempDirSync();
try {
  for (const [name, configuration] of Object.entries(models)) {
    if (wanted.length === 0 || wanted.includes(name)) await compare(name, configuration, rounds, folder);
  }
} finally {
  Deno.removeSync(folder, { recursive: true });
}
