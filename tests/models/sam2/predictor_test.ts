import { deepStrictEqual, notDeepStrictEqual, ok, rejects, strictEqual } from "node:assert";
import { FALLBACK, singleMask } from "../../../lib/models/sam2/single_mask.ts";
import { Sam2Predictor } from "../../../lib/models/sam2/predictor.ts";
import { type Image, image } from "../../../lib/vision/image.ts";
import { generatedWeights, SMALL } from "./generated_model.ts";

const WEIGHTS = generatedWeights(SMALL);

function picture(width: number, height: number): Image {
  const data = Uint8Array.from(
    { length: 3 * width * height },
    (_, i) => 127 + 120 * Math.sin(i * 0.013 + i % 3),
  );
  return image(width, height, "RGB", data);
}

function closeTo(got: Float32Array, expected: Float32Array): void {
  strictEqual(got.length, expected.length);
  got.forEach((value, i) =>
    ok(Math.abs(value - expected[i]) < 1e-4, `${i}: ${value}, expected ${expected[i]}`)
  );
}

async function withPredictor(run: (predictor: Sam2Predictor) => Promise<void>): Promise<void> {
  const predictor = new Sam2Predictor(SMALL, WEIGHTS);
  try {
    await run(predictor);
  } finally {
    await predictor.release();
  }
}

Deno.test("prompts decoded together give what each gives alone", () =>
  withPredictor(async (predictor) => {
    const embedding = await predictor.embed(picture(60, 40));
    // More than a batch, and not a multiple of one.
    const count = 11;
    const points = Float32Array.from({ length: 2 * count }, (_, i) => (i * 7) % 40 + 0.25);
    const together = await predictor.decode(embedding, { count, points });
    strictEqual(together.masks, 3);
    strictEqual(together.side, 32);
    const each = together.logits.length / count;
    for (const i of [0, 7, 8, 10]) {
      const alone = await predictor.decode(embedding, {
        count: 1,
        points: points.subarray(2 * i, 2 * i + 2),
      });
      closeTo(together.logits.subarray(i * each, (i + 1) * each), alone.logits);
      closeTo(together.ious.subarray(3 * i, 3 * i + 3), alone.ious);
      closeTo(together.objectScores.subarray(i, i + 1), alone.objectScores);
    }
  }));

Deno.test("the chosen masks are those of all four", () =>
  withPredictor(async (predictor) => {
    const embedding = await predictor.embed(picture(40, 40));
    const prompts = { count: 2, points: [10, 20, 30, 5], labels: [1, 0] };
    const all = await predictor.decode(embedding, prompts, [0, 1, 2, 3]);
    const [first, others] = [
      await predictor.decode(embedding, prompts, [0]),
      await predictor.decode(embedding, prompts),
    ];
    const area = all.side ** 2;
    for (let i = 0; i < 2; i++) {
      closeTo(
        first.logits.subarray(i * area, (i + 1) * area),
        all.logits.subarray(4 * i * area, (4 * i + 1) * area),
      );
      closeTo(others.ious.subarray(3 * i, 3 * i + 3), all.ious.subarray(4 * i + 1, 4 * i + 4));
    }
    const masks = first.logits;
    const refined = await predictor.decode(embedding, { ...prompts, masks }, [0]);
    notDeepStrictEqual([...refined.ious], [...first.ious]);
  }));

Deno.test("BGR exchanges red and blue", () =>
  withPredictor(async (predictor) => {
    const source = picture(30, 20);
    const swapped = image(30, 20, "RGB", source.data.map((_, i) => source.data[i - i % 3 + 2 - i % 3]));
    const embedded = await predictor.embed(source, "BGR");
    deepStrictEqual(embedded.tensors.tokens, (await predictor.embed(swapped)).tensors.tokens);
    notDeepStrictEqual(embedded.tensors.tokens, (await predictor.embed(source)).tensors.tokens);
  }));

Deno.test("prompts that do not fit are refused", () =>
  withPredictor(async (predictor) => {
    const embedding = await predictor.embed(picture(20, 20));
    await rejects(
      predictor.decode(embedding, { count: 2, points: [1, 2, 3] }),
      /2 prompts need the same number of points each/,
    );
    await rejects(
      predictor.decode(embedding, { count: 1, points: [1, 2], labels: [1, 1] }),
      /1 points need 1 labels, but 2 were given/,
    );
    await rejects(predictor.decode(embedding, { count: 0, points: [] }), /0 prompts/);
    await rejects(
      predictor.decode(embedding, { count: 1, points: [1, 2], labels: [4] }),
      /label must be one of .*, but is 4/,
    );
    await rejects(
      predictor.decode(embedding, { count: 1, points: [1, 2], masks: new Float32Array(5) }),
      /masks of 32 × 32, but 5 values/,
    );
    await rejects(predictor.decode(embedding, { count: 1, points: [1, 2] }, [1, 3]), /must be consecutive/);
  }));

Deno.test("an unstable single mask is replaced by the best of the others", () => {
  const ious = Float32Array.of(0.9, 0.2, 0.8, 0.5);
  const stable = Float32Array.of(3, -3, 2, 1);
  const unstable = Float32Array.of(0.01, 0.02, 1, -1);
  deepStrictEqual(singleMask(stable, ious), { chosen: 0, stability: 1 });
  deepStrictEqual(singleMask(unstable, ious), { chosen: 2, stability: Math.fround(1 / 3) });
  deepStrictEqual(singleMask(Float32Array.of(-1, -2), ious, FALLBACK), { chosen: 0, stability: 1 });
});
