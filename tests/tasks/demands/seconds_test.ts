/** What estimates count as work of one thread, and what as work of threads beside the device. */

import assert from "node:assert/strict";
import type { Estimate, Sizes } from "../../../lib/flow/demand.ts";
import evaluate from "../../../tasks/demands/evaluate.ts";
import joint from "../../../tasks/demands/joint.ts";
import warmUp from "../../../tasks/demands/warm_up.ts";

const views = { images: 80, classes: 4, views: 2, width: 32, height: 32 };
const model = { name: "protomask" as const, coefs: {}, depth: 8, prototypesPerClass: 2 };
const backbone = { weights: "random" as const, block: "basic" as const, layers: [1], width: 8 };
const begun = await warmUp.estimate!({ model, backbone, epochs: 0 }, { views: [views] });

function trained(images: number, epochs: number): Estimate {
  const params = { epochs, batchSize: 20, segment: 100 };
  const inputs = { state: [begun!.sizes], views: [{ ...views, images }] };
  return joint.estimate!(params, inputs) as Estimate;
}

Deno.test("of the batches of an epoch the first is waited for, the others are loaded beside the training", () => {
  const [few, many] = [trained(40, 3), trained(80, 3)];
  assert.equal(few.seconds, many.seconds);
  assert.ok(few.inThreads!.seconds > 0);
  assert.ok(Math.abs(many.inThreads!.seconds / few.inThreads!.seconds - 3) < 1e-9, "one batch, then three");
  const more = trained(40, 6);
  const batches = (more.seconds! - few.seconds!) / 3;
  assert.ok(Math.abs(few.inThreads!.seconds - 3 * batches) < 1e-9, "each batch is loaded as long");
  assert.equal(trained(20, 3).inThreads!.seconds, 0);
});

Deno.test("only drawn images are drawn again, and only to remove parts", () => {
  const data = { train: 80, test: 80, classes: 4, width: 96, height: 96 };
  const seconds = (techniques: string[], set: Sizes, saliency: readonly Sizes[]) => {
    const inputs = { data: [set], views: [views], model: [begun!.sizes], saliency };
    return (evaluate.estimate!({ techniques, batchSize: 16 }, inputs) as Estimate).seconds!;
  };
  const maps = [{ images: 80, maps: 160 }];
  const drawn = { ...data, drawn: true };
  const photographed = seconds(["general", "part-removal"], data, maps);
  assert.ok(seconds(["general", "part-removal"], drawn, maps) > photographed);
  assert.equal(seconds(["general"], drawn, maps), photographed);
  assert.ok(
    photographed > seconds(["general", "part-removal"], drawn, []),
    "without maps nothing is removed",
  );
});
