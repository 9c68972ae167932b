/**
 * Masks, their measurements and views of the photograph of 42 megapixels in the given folder; prints the number of masks
 * by stage, and the largest resident memory of this process in MB, as JSON.
 */

import { join } from "node:path";
import { generateMasks } from "../../lib/segment/automatic_masks/generate_masks.ts";
import { REFERENCE_PARAMETERS } from "../../lib/segment/automatic_masks/parameters.ts";
import { maskFacts } from "../../lib/segment/mask_facts.ts";
import { formatMaskSet, parseMaskSet } from "../../lib/segment/mask_set.ts";
import { patches } from "../../lib/segment/methods/patches.ts";
import { viewsThroughMasks } from "../../lib/segment/sample_views.ts";
import { segmentSample } from "../../lib/segment/segmenter.ts";
import { decodeOverWhite } from "../../lib/vision/decode.ts";
import { PoolModel } from "./automatic_masks/pool_model.ts";

const folder = Deno.args[0];
const sample = {
  id: 0,
  name: "a/photograph.jpg",
  path: join(folder, "photograph.jpg"),
  label: 0,
  split: "train",
  box: [0, 0, 7952, 5304],
  parts: [[1, 20.5, 30.5], [2, 7000, 5000]],
  segmentation: join(folder, "object.png"),
} as const;

const segmenter = await patches.open({ name: "patches", factor: 45 }, {
  inputs: () => [],
  session: {},
  log: () => {},
});
const text = formatMaskSet(await segmentSample(sample, segmenter));
const set = parseMaskSet(text, "photograph.json");
const facts = await maskFacts(sample, set, 2, []);
const source = await decodeOverWhite(sample.path);
const views = viewsThroughMasks(source, set, 2000, {
  width: 64,
  height: 64,
  fill: "mean",
  minBoxShare: 0,
  crop: true,
  fidelity: "reference",
});
const automatic = await generateMasks(source, new PoolModel(12, 2), {
  ...REFERENCE_PARAMETERS,
  pointsPerSide: 6,
  cropLayers: 0,
});
const peak = Number(/VmHWM:\s*(\d+) kB/.exec(Deno.readTextFileSync("/proc/self/status"))![1]) / 1000;
console.log(JSON.stringify({
  masks: set.masks.length,
  measured: facts.overlaps!.length,
  covered: facts.coveredAt!.length,
  views: views.length,
  automatic: automatic.masks.length,
  peak,
}));
