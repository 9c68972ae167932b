/** The contour detector: it finds the drawn parts, quickly, and what it returns keeps its promises on any picture. */

import assert from "node:assert/strict";
import process from "node:process";
import fc from "fast-check";
import { BIRD_PARTS, birdClasses, drawBird } from "../../lib/data/birds/bird_spec.ts";
import { objectOf, renderBird } from "../../lib/data/birds/render_bird.ts";
import { CONTOUR_DEFAULTS, contourMasks } from "../../lib/segment/contour/contour_masks.ts";
import { type Image, image, type Mask, mask } from "../../lib/vision/image.ts";

const CLASSES = birdClasses(8);

function birds(seed: number, count: number) {
  return Array.from(
    { length: count },
    (_, number) =>
      renderBird(
        drawBird({ seed, size: 192 }, CLASSES[number % 8], { label: number % 8, split: "test", number }),
      ),
  );
}

function iou(a: Mask, b: Mask): number {
  let [both, either] = [0, 0];
  for (let i = 0; i < a.data.length; i++) {
    both += a.data[i] & b.data[i];
    either += a.data[i] | b.data[i];
  }
  return both / either;
}

function bestIou(masks: readonly { mask: Mask }[], truth: Mask): number {
  return Math.max(0, ...masks.map((found) => iou(found.mask, truth)));
}

function partOf({ width, height, data }: Image, part: number): Mask {
  return mask(width, height, data.map((level) => level === part ? 1 : 0));
}

Deno.test("the parts of drawn birds and the birds are found, each in a mask of its own", () => {
  const parts = BIRD_PARTS.map((): number[] => []);
  const objects: number[] = [];
  for (const seed of [0, 17]) {
    for (const { image, partMask } of birds(seed, 40)) {
      const masks = contourMasks(image);
      BIRD_PARTS.forEach((_, i) => parts[i].push(bestIou(masks, partOf(partMask, i + 1))));
      objects.push(bestIou(masks, objectOf(partMask)));
    }
  }
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const byPart = Object.fromEntries(BIRD_PARTS.map((part, i) => [part, mean(parts[i])]));
  assert.ok(mean(parts.flat()) >= 0.6, `mean best IoU ${mean(parts.flat())}: ${JSON.stringify(byPart)}`);
  for (const [part, value] of Object.entries(byPart)) assert.ok(value >= 0.4, `${part}: ${value}`);
  assert.ok(mean(objects) >= 0.8, `whole birds: ${mean(objects)}`);
});

Deno.test("an image of birds takes at most 50 ms", () => {
  const images = birds(5, 24).map(({ image }) => image);
  images.slice(0, 4).forEach((each) => contourMasks(each));
  // Of the processor, not of the clock: other tests may run beside this one.
  const begin = process.cpuUsage();
  images.forEach((each) => contourMasks(each));
  const { user, system } = process.cpuUsage(begin);
  const each = (user + system) / 1000 / images.length;
  assert.ok(each <= 50, `${each} ms an image`);
});

Deno.test("masks are large enough, few enough, and none nearly repeats another", () => {
  const pictures = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 })).chain((
    [w, h],
  ) =>
    fc.tuple(
      fc.uint8Array({ minLength: 3 * w * h, maxLength: 3 * w * h }).map((data) => image(w, h, "RGB", data)),
      fc.integer({ min: 1, max: 60 }),
    )
  );
  fc.assert(
    fc.property(pictures, ([picture, coarse]) => {
      // Coarse levels make plateaus, fine ones noise.
      const drawn = image(picture.width, picture.height, "RGB", picture.data.map((v) => v - v % coarse));
      const { minSize, maxIou, figureMasks, groundMasks } = CONTOUR_DEFAULTS;
      const masks = contourMasks(drawn);
      assert.ok(masks.length >= 1 && masks.length <= figureMasks + groundMasks);
      masks.forEach(({ mask, persistence }, i) => {
        const area = mask.data.reduce((sum, value) => sum + value, 0);
        assert.ok(area >= minSize * mask.width * mask.height && area > 0);
        assert.ok(Number.isFinite(persistence) && persistence >= 0);
        for (const other of masks.slice(0, i)) assert.ok(iou(mask, other.mask) <= maxIou + 1e-9);
      });
    }),
    { numRuns: 60 },
  );
});

Deno.test("a blank picture is one mask, a disc on it two", () => {
  const blank = image(32, 24, "RGB", new Uint8Array(32 * 24 * 3).fill(90));
  assert.deepEqual(contourMasks(blank).map(({ mask }) => mask.data.every((value) => value === 1)), [true]);
  const disc = mask(32, 24);
  for (let y = 0; y < 24; y++) {
    for (let x = 0; x < 32; x++) if (Math.hypot(x - 16, y - 12) < 7) disc.data[y * 32 + x] = 1;
  }
  const drawn = image(
    32,
    24,
    "RGB",
    Uint8Array.from(blank.data, (v, i) => disc.data[Math.floor(i / 3)] ? 200 : v),
  );
  const masks = contourMasks(drawn);
  assert.equal(masks.length, 2);
  assert.ok(bestIou(masks, disc) > 0.85);
});

Deno.test("only RGB pictures are taken", () => {
  assert.throws(() => contourMasks(image(4, 4, "GRAY")), /order RGB/);
});
