/**
 * Times the automatic masks of one photograph of 500 × 375 without a network: 21 crops, 32 × 32 points each, so
 * 64,512 candidates at SAM 2's size, of which 30 % pass the filter of predicted IoU. One core.
 *
 *     deno run -A bench/masks.ts [crop-layers=2]
 *
 * Prints the time by crop layer, the time a measured mask, and a digest of the list of masks: their order, bits and
 * scores.
 */

import process from "node:process";
import { createHash } from "node:crypto";
import { generateMasks } from "../lib/segment/automatic_masks/generate_masks.ts";
import { REFERENCE_PARAMETERS } from "../lib/segment/automatic_masks/parameters.ts";
import { image } from "../lib/vision/image.ts";
import { maskListText } from "../tests/segment/automatic_masks/mask_list.ts";
import { PoolModel } from "../tests/segment/automatic_masks/pool_model.ts";

const cropLayers = Number(Deno.args.find((argument) => argument.startsWith("crop-layers="))?.slice(12) ?? 2);
const model = new PoolModel(64, 4);
const [begin, before] = [performance.now(), process.cpuUsage()];
const { masks, crops } = await generateMasks(image(500, 375, "RGB"), model, {
  ...REFERENCE_PARAMETERS,
  cropLayers,
});
const wall = performance.now() - begin;
const { user, system } = process.cpuUsage(before);

const sum = (of: (crop: typeof crops[number]) => number) =>
  crops.reduce((total, crop) => total + of(crop), 0);
const measured = sum(({ afterPredictedIou }) => afterPredictedIou);
console.log(
  `${sum(({ candidates }) => candidates)} candidates, ${measured} with a high predicted IoU, ` +
    `${sum(({ afterStability }) => afterStability)} stable, ${
      sum(({ afterEdge }) => afterEdge)
    } not at an edge, ` +
    `${sum(({ afterNms }) => afterNms)} after suppression, ${masks.length} in the end`,
);
console.log(
  `${(wall / 1000).toFixed(1)} s (${((user + system) / 1e6).toFixed(1)} s of CPU), ` +
    `${(wall / measured).toFixed(2)} ms a measured mask`,
);
console.log(`SHA-256 ${createHash("sha256").update(maskListText(masks)).digest("hex")}`);
