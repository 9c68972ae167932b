/** The contour detector: it finds the drawn parts, quickly, and what it returns keeps its promises on any picture. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { BIRD_PARTS, birdClasses, drawBird } from "../../lib/data/birds/bird_spec.ts";
import { objectOf, renderBird } from "../../lib/data/birds/render_bird.ts";
import {
  CONTOUR_DEFAULTS,
  contourMasks as contourRuns,
  type ContourOptions,
  contourRegions,
} from "../../lib/segment/contour/contour_masks.ts";
import { masksOfRegions } from "../../lib/segment/boundary_regions.ts";
import { type Image, image, type Mask, mask } from "../../lib/vision/image.ts";
import { connectedComponents } from "../../lib/vision/masks/components.ts";
import { decodeRunLengths } from "../../lib/vision/masks/rle.ts";
import { workOf } from "../work.ts";

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

function bestIou(masks: readonly Mask[], truth: Mask): number {
  return Math.max(0, ...masks.map((found) => iou(found, truth)));
}

function contourMasks(picture: Image, options?: ContourOptions): Mask[] {
  return contourRuns(picture, options).map(decodeRunLengths);
}

/** The regions between contours, each as a mask. */
function regionMasks(picture: Image, options: Partial<ContourOptions> = {}): Mask[] {
  const regions = contourRegions(picture, { ...CONTOUR_DEFAULTS, ...options });
  return masksOfRegions(regions, picture.width, picture.height).map(decodeRunLengths);
}

function partOf({ width, height, data }: Image, part: number): Mask {
  return mask(width, height, data.map((level) => level === part ? 1 : 0));
}

/** A picture of one grey level with a figure of another on it. */
function drawn(width: number, height: number, isFigure: (x: number, y: number) => boolean): Image {
  const picture = image(width, height, "RGB");
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) picture.data.fill(isFigure(x, y) ? 40 : 200, 3 * i, 3 * i + 3);
  }
  return picture;
}

/** Noise in blocks of 1 × 1 pixels, where nearly all is boundary, to 12 × 12, where little is. */
const pictures = fc.tuple(
  fc.integer({ min: 1, max: 6 }),
  fc.integer({ min: 1, max: 6 }),
  fc.integer({ min: 1, max: 12 }),
).chain(([across, down, block]) =>
  fc.uint8Array({ minLength: 3 * across * down, maxLength: 3 * across * down }).map((colours) => {
    const picture = image(across * block, down * block, "RGB");
    for (let i = 0; i < picture.width * picture.height; i++) {
      const [x, y] = [i % picture.width, Math.floor(i / picture.width)];
      const at = 3 * (Math.floor(y / block) * across + Math.floor(x / block));
      picture.data.set(colours.subarray(at, at + 3), 3 * i);
    }
    return picture;
  })
);

Deno.test("the seen parts of drawn birds are found, each in a mask of its own", () => {
  for (const seed of [0, 17, 5]) {
    const parts = BIRD_PARTS.map((): number[] => []);
    for (const { image, partMask } of birds(seed, 40)) {
      const masks = contourMasks(image);
      BIRD_PARTS.forEach((_, i) => {
        if (partMask.data.includes(i + 1)) parts[i].push(bestIou(masks, partOf(partMask, i + 1)));
      });
    }
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    const byPart = Object.fromEntries(BIRD_PARTS.map((part, i) => [part, mean(parts[i])]));
    assert.ok(mean(parts.flat()) >= 0.6, `mean best IoU ${mean(parts.flat())}: ${JSON.stringify(byPart)}`);
    for (const [part, value] of Object.entries(byPart)) assert.ok(value >= 0.4, `${part}: ${value}`);
  }
});

Deno.test("the whole of a drawn bird is found in one mask", () => {
  const found = birds(17, 40).map(({ image, partMask }) => bestIou(contourMasks(image), objectOf(partMask)));
  const mean = found.reduce((a, b) => a + b, 0) / found.length;
  assert.ok(mean >= 0.6, `mean best IoU ${mean}`);
});

Deno.test("an image of birds takes at most a few hundred steps a pixel", async () => {
  const images = birds(5, 8).map(({ image }) => image);
  const pixels = images.reduce((sum, { width, height }) => sum + width * height, 0);
  const each = await workOf(() => images.forEach((image) => contourMasks(image))) / pixels;
  assert.ok(each <= 300, `${each} steps a pixel`);
});

Deno.test("regions are disjoint, connected, not empty, and the largest comes first", () => {
  fc.assert(
    fc.property(pictures, fc.integer({ min: 0, max: 4 }), (picture, grow) => {
      const masks = regionMasks(picture, { grow });
      const covered = new Uint8Array(picture.width * picture.height);
      let larger = Infinity;
      for (const found of masks) {
        assert.deepEqual([found.width, found.height], [picture.width, picture.height]);
        const { areas } = connectedComponents(found, 8);
        assert.equal(areas.length, 1);
        assert.ok(areas[0] <= larger);
        larger = areas[0];
        found.data.forEach((value, i) => covered[i] += value);
      }
      assert.ok(covered.every((count) => count <= 1));
    }),
    { numRuns: 80 },
  );
});

Deno.test("regions that grow contain those that don't", () => {
  fc.assert(
    fc.property(pictures, fc.integer({ min: 1, max: 4 }), (picture, grow) => {
      const grown = regionMasks(picture, { grow });
      const bare = regionMasks(picture, { grow: 0 });
      assert.equal(grown.length, bare.length);
      for (const core of bare) {
        const holders = grown.filter(({ data }) => core.data.every((value, i) => value <= data[i]));
        assert.equal(holders.length, 1);
      }
    }),
    { numRuns: 40 },
  );
});

Deno.test("a blank picture is one mask, a disc on it two that share all pixels", () => {
  const blank = contourMasks(drawn(32, 24, () => false));
  assert.deepEqual(blank.map(({ data }) => data.every((value) => value === 1)), [true]);
  const inDisc = (x: number, y: number) => Math.hypot(x - 16, y - 12) < 7;
  const masks = contourMasks(drawn(32, 24, inDisc));
  assert.equal(masks.length, 2);
  const disc = mask(
    32,
    24,
    Uint8Array.from({ length: 32 * 24 }, (_, i) => +inDisc(i % 32, Math.floor(i / 32))),
  );
  assert.ok(bestIou(masks, disc) > 0.85);
  assert.ok(masks[0].data.every((value, i) => value + masks[1].data[i] === 1));
});

Deno.test("a dark line is a contour where it is as wide as the params say, and else none", () => {
  const onLine = (_: number, y: number) => y >= 15 && y < 19;
  const masks = (lineWidth: number) => regionMasks(drawn(30, 34, onLine), { lineWidth }).length;
  assert.equal(masks(5), 1);
  assert.ok(masks(4) >= 2);
  assert.ok(masks(1) >= 2);
});

Deno.test("a contrast that no contour reaches leaves the picture whole", () => {
  const [{ image }] = birds(3, 1);
  assert.ok(contourMasks(image).length > 5);
  assert.equal(contourMasks(image, { ...CONTOUR_DEFAULTS, threshold: 1000 }).length, 1);
});

Deno.test("only RGB pictures are taken", () => {
  assert.throws(() => contourMasks(image(4, 4, "GRAY")), /order RGB/);
});
