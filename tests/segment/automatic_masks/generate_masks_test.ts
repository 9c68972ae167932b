import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert";
import { type AutomaticMasks, generateMasks } from "../../../lib/segment/automatic_masks/generate_masks.ts";
import {
  type AutomaticMaskParameters,
  PAPER_PARAMETERS,
  REFERENCE_PARAMETERS,
} from "../../../lib/segment/automatic_masks/parameters.ts";
import { image } from "../../../lib/vision/image.ts";
import { compressRunLengths } from "../../../lib/vision/masks/rle_string.ts";
import { decodeRunLengths, runLengthArea, runLengthBox } from "../../../lib/vision/masks/rle.ts";
import { DiscModel } from "./stub_model.ts";

const PARAMETERS: AutomaticMaskParameters = { ...PAPER_PARAMETERS, pointsPerSide: 4, cropLayers: 0 };
const PICTURE = image(200, 160, "RGB");

function described({ masks }: AutomaticMasks): unknown[] {
  return masks.map(({ runs, ...rest }) => ({ ...rest, runs: compressRunLengths(runs) }));
}

Deno.test("areas and boxes are those of the masks, which lie in the image", async () => {
  const { masks, crops } = await generateMasks(PICTURE, new DiscModel(), {
    ...PARAMETERS,
    cropLayers: 1,
    stabilityThreshold: 0.7,
  });
  ok(masks.length > 10, String(masks.length));
  strictEqual(crops.length, 5);
  for (const { runs, area, box, point } of masks) {
    deepStrictEqual([runs.width, runs.height], [200, 160]);
    strictEqual(area, runLengthArea(runs));
    deepStrictEqual(box, runLengthBox(runs));
    ok(point[0] >= 0 && point[0] < 200 && point[1] >= 0 && point[1] < 160);
  }
});

Deno.test("the image is embedded once a crop, and the number of points a batch changes no mask", async () => {
  const results: unknown[][] = [];
  for (const [pointsPerBatch, batches] of [[1, 16], [5, 4], [16, 1], [512, 1]]) {
    const model = new DiscModel();
    results.push(described(await generateMasks(PICTURE, model, { ...PARAMETERS, pointsPerBatch })));
    strictEqual(model.calls.filter((call) => call.startsWith("embed")).length, 1);
    strictEqual(model.calls.filter((call) => call.startsWith("decode")).length, batches);
  }
  for (const result of results.slice(1)) deepStrictEqual(result, results[0]);
});

Deno.test("at most 64 points are held at once", async () => {
  const model = new DiscModel();
  await generateMasks(PICTURE, model, { ...PARAMETERS, pointsPerSide: 9, pointsPerBatch: 512 });
  deepStrictEqual(model.calls.slice(1), ["decode 64", "decode 17"]);
});

Deno.test("each filter drops what it says", async () => {
  const counts = async (changed: Partial<AutomaticMaskParameters>) => {
    const { crops: [report], masks } = await generateMasks(PICTURE, new DiscModel(), {
      ...PARAMETERS,
      ...changed,
    });
    strictEqual(report.afterNms, masks.length);
    return report;
  };
  const all = await counts({ predictedIouThreshold: 0, stabilityThreshold: 0, boxNmsThreshold: 1 });
  deepStrictEqual(
    [all.candidates, all.afterPredictedIou, all.afterStability, all.afterEdge, all.afterNms],
    [48, 48, 48, 48, 48],
  );
  const sure = await counts({ predictedIouThreshold: 0.8, stabilityThreshold: 0, boxNmsThreshold: 1 });
  strictEqual(sure.afterPredictedIou, 32, "0.95 and 0.85 are kept, 0.75 is dropped");
  const stable = await counts({ predictedIouThreshold: 0, stabilityThreshold: 0.75, stabilityOffset: 1 });
  ok(stable.afterStability > 0 && stable.afterStability < 48, String(stable.afterStability));
});

Deno.test("masks at an edge of a crop that is none of the image are dropped", async () => {
  const { crops } = await generateMasks(PICTURE, new DiscModel([0.1]), {
    ...PARAMETERS,
    cropLayers: 1,
    stabilityThreshold: 0,
  });
  strictEqual(crops[0].afterEdge, 16);
  // A layer of one grid of 4 × 4 points: those of the two inner rows and columns are farther than 20 px from the edge.
  ok(crops.slice(1).every(({ afterEdge }) => afterEdge > 0 && afterEdge < 16));
});

Deno.test("of two crops' masks of one thing that of the smaller crop is kept", async () => {
  const { masks } = await generateMasks(PICTURE, new DiscModel([0.5, 0.5, 0.5]), {
    ...PARAMETERS,
    cropLayers: 1,
    stabilityThreshold: 0,
    cropNmsThreshold: 0,
  });
  const sides = masks.map(({ crop }) => (crop[2] - crop[0]) * (crop[3] - crop[1]));
  deepStrictEqual(sides, sides.toSorted((a, b) => a - b));
});

/** Each disc has an island in the image's corner, or a hole in its middle. */
class SpottedModel extends DiscModel {
  override async decode(...given: Parameters<DiscModel["decode"]>) {
    const decoded = await super.decode(...given);
    const size = decoded.width * decoded.height;
    for (let first = 0; first < decoded.logits.length; first += size) {
      const middle = decoded.logits.subarray(first, first + size);
      const highest = middle.indexOf(middle.reduce((a, b) => Math.max(a, b)));
      decoded.logits[first + highest] = -20;
      decoded.logits[first] = 20;
    }
    return decoded;
  }
}

Deno.test("small holes and islands of finished masks are removed where that is asked for", async () => {
  const one = {
    ...PARAMETERS,
    pointsPerSide: 1,
    predictedIouThreshold: 0,
    stabilityThreshold: 0,
    boxNmsThreshold: 1,
  };
  const spotted = await generateMasks(PICTURE, new SpottedModel(), one);
  const none = await generateMasks(PICTURE, new SpottedModel(), { ...one, minMaskRegionArea: 1 });
  deepStrictEqual(described(none), described(spotted));
  const { masks } = await generateMasks(PICTURE, new SpottedModel(), { ...one, minMaskRegionArea: 400 });
  strictEqual(masks.length, 3);
  for (const [i, { runs, area, box }] of masks.entries()) {
    strictEqual(area, runLengthArea(runs));
    deepStrictEqual(box, runLengthBox(runs));
    deepStrictEqual(spotted.masks[i].box.slice(0, 2), [0, 0]);
    ok(box[0] > 0 && box[1] > 0, "the island in the corner is gone");
    const { data } = decodeRunLengths(runs);
    strictEqual(data[77 * 200 + 96], 1, "the hole is filled");
    strictEqual(decodeRunLengths(spotted.masks[i].runs).data[77 * 200 + 96], 0);
  }
});

Deno.test("without masks the lists are empty", async () => {
  for (const cropLayers of [0, 1]) {
    const result = await generateMasks(PICTURE, new DiscModel(), {
      ...PARAMETERS,
      cropLayers,
      predictedIouThreshold: 0.99,
    });
    deepStrictEqual(result.masks, []);
    strictEqual(result.crops.length, cropLayers === 0 ? 1 : 5);
  }
});

Deno.test("refinement asks once more for every mask, and one mask a point is asked for as such", async () => {
  const refined = new DiscModel();
  await generateMasks(PICTURE, refined, { ...PARAMETERS, refine: true });
  deepStrictEqual(refined.calls, ["embed [0,0,200,160] RGB", "decode 16", "decode 48 refined single"]);
  const single = new DiscModel();
  const { crops } = await generateMasks(PICTURE, single, { ...PARAMETERS, multimask: false });
  deepStrictEqual(single.calls, ["embed [0,0,200,160] RGB", "decode 16 single"]);
  strictEqual(crops[0].candidates, 16);
});

Deno.test("the reference's parameters look at 21 crops in BGR", async () => {
  const model = new DiscModel();
  const { crops } = await generateMasks(PICTURE, model, { ...REFERENCE_PARAMETERS, pointsPerSide: 2 });
  strictEqual(crops.length, 21);
  ok(model.calls.filter((call) => call.startsWith("embed")).every((call) => call.endsWith("BGR")));
});

Deno.test("a failing model fails the generation, and layers without points are refused", async () => {
  class Failing extends DiscModel {
    override decode(): Promise<never> {
      return Promise.reject(new Error("out of memory"));
    }
  }
  await rejects(generateMasks(PICTURE, new Failing(), PARAMETERS), /out of memory/);
  await rejects(
    generateMasks(PICTURE, new DiscModel(), { ...PARAMETERS, cropLayers: 3, cropPointsDownscale: 2 }),
    /leave none in crop layer 3/,
  );
});
