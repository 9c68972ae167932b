/** The procedural birds: their annotations against their pixels, parts left out and swapped, and the same bytes always. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  BIRD_PARTS,
  birdClasses,
  type BirdSpec,
  DEFAULT_BIRDS,
  drawBird,
  PART_VARIANTS,
} from "../../../lib/data/birds/bird_spec.ts";
import { BODY_LEVEL, imageWithout, objectOf, renderBird } from "../../../lib/data/birds/render_bird.ts";
import { readBirdSpecs, writeBirds } from "../../../lib/data/birds/write_birds.ts";
import { readCub200 } from "../../../lib/data/cub200.ts";
import { samplesOf } from "../../../lib/data/data_set.ts";
import { decodeImage } from "../../../lib/vision/decode.ts";
import type { Image } from "../../../lib/vision/image.ts";
import { maskBox } from "../../../lib/vision/masks/boxes.ts";
import { workOf } from "../../work.ts";
import { withFolder } from "../folder.ts";

/** Of the files that `SMALL` writes: every machine must make the same. */
const DIGEST_OF_SMALL_SET = "1e2155fba3578f01ab484bf9fc2583fe12f40be662bee8569d09bbba7f302319";

const SMALL = { seed: 3, classes: 4, trainPerClass: 2, testPerClass: 1, size: 96 };

function digestOf(root: string): string {
  const digest = createHash("sha256");
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
  for (const file of files) digest.update(file).update(readFileSync(join(root, file)));
  return digest.digest("hex");
}

function someBirds(count: number, size = DEFAULT_BIRDS.size): BirdSpec[] {
  const classes = birdClasses(8);
  return Array.from(
    { length: count },
    (_, number) =>
      drawBird({ seed: 11, size }, classes[number % 8], { label: number % 8, split: "train", number }),
  );
}

/** Tips of parts that cover less than half of a pixel are at most as long. */
const SLIVER = 2;

/** Whether a pixel within `SLIVER` of (x, y) has the level. */
function isNear({ width, height, data }: Image, x: number, y: number, level: number): boolean {
  for (let v = Math.max(0, y - SLIVER); v <= Math.min(height - 1, y + SLIVER); v++) {
    for (let u = Math.max(0, x - SLIVER); u <= Math.min(width - 1, x + SLIVER); u++) {
      if (data[v * width + u] === level) return true;
    }
  }
  return false;
}

Deno.test("the default birds are read as CUB is", async () => {
  await withFolder({}, async (root) => {
    writeBirds(root, DEFAULT_BIRDS);
    const dataSet = readCub200(root);
    assert.equal(dataSet.classes.length, 8);
    assert.equal(samplesOf(dataSet, "train").length, 160);
    assert.equal(samplesOf(dataSet, "test").length, 80);
    assert.deepEqual([...dataSet.partNames], BIRD_PARTS.map((part, i) => [i + 1, part]));
    const specs = readBirdSpecs(root);
    for (const sample of dataSet.samples) {
      const rendered = renderBird(specs.get(sample.id + 1)!);
      const object = objectOf(rendered.partMask);
      assert.deepEqual((await decodeImage(sample.path)).data, rendered.image.data, sample.name);
      const masks = [sample.segmentation!, sample.partMask!];
      const [segmentation, partMask] = await Promise.all(masks.map(decodeImage));
      assert.ok(object.data.every((value, i) => segmentation.data[3 * i] === 255 * value), sample.name);
      assert.ok(rendered.partMask.data.every((level, i) => partMask.data[3 * i] === level), sample.name);
      const [x1, y1, x2, y2] = maskBox(object);
      assert.deepEqual(sample.box, [x1, y1, x2 + 1, y2 + 1], sample.name);
      for (const [id, x, y] of sample.parts) {
        assert.equal(
          rendered.partMask.data[y * object.width + x],
          id,
          `${sample.name}: ${BIRD_PARTS[id - 1]}`,
        );
      }
      const seen = BIRD_PARTS.map((_, i) => i + 1).filter((id) => rendered.partMask.data.includes(id));
      assert.deepEqual(sample.parts.map(([id]) => id), seen, sample.name);
      assert.equal(seen.length, BIRD_PARTS.length, `${sample.name} hides a part`);
    }
  });
});

Deno.test("the same options give the same bytes, on every machine", async () => {
  await withFolder({}, async (first) => {
    await withFolder({}, (second) => {
      writeBirds(first, SMALL);
      writeBirds(second, SMALL);
      assert.equal(digestOf(first), digestOf(second));
      assert.equal(digestOf(first), DIGEST_OF_SMALL_SET);
    });
  });
});

Deno.test("without a part, exactly the pixels that show some of it change", () => {
  for (const spec of someBirds(16)) {
    const whole = renderBird(spec);
    for (const [i, part] of BIRD_PARTS.entries()) {
      const { image, partMask } = renderBird(spec, { without: part });
      assert.ok(!partMask.data.includes(i + 1), part);
      assert.deepEqual(imageWithout(spec, part, whole.image), image, part);
      let shown = 0, changed = 0;
      for (let pixel = 0; pixel < partMask.data.length; pixel++) {
        const [x, y] = [pixel % spec.size, Math.floor(pixel / spec.size)];
        const differs = [0, 1, 2].some((c) => image.data[3 * pixel + c] !== whole.image.data[3 * pixel + c]);
        if (whole.partMask.data[pixel] === i + 1) {
          shown++;
          if (differs) changed++;
        } else if (differs) {
          // At the rim of a part a pixel belongs mostly to something else.
          assert.ok(isNear(whole.partMask, x, y, i + 1), `${part}: pixel (${x}, ${y}) changed`);
        }
      }
      assert.ok(shown > 20, `${part} shows ${shown} pixels only`);
      assert.ok(changed > 0.99 * shown, `${part}: of ${shown} pixels ${changed} changed`);
    }
  }
});

Deno.test("a part that is swapped changes no pixel far from its two forms", () => {
  for (const spec of someBirds(8)) {
    const whole = renderBird(spec);
    for (const [i, part] of BIRD_PARTS.entries()) {
      const variant = (spec.variants[part] + 1) % PART_VARIANTS[part];
      const swapped = renderBird({ ...spec, variants: { ...spec.variants, [part]: variant } });
      let changed = 0;
      for (let pixel = 0; pixel < whole.partMask.data.length; pixel++) {
        if ([0, 1, 2].every((c) => swapped.image.data[3 * pixel + c] === whole.image.data[3 * pixel + c])) {
          continue;
        }
        changed++;
        const [x, y] = [pixel % spec.size, Math.floor(pixel / spec.size)];
        assert.ok(
          [whole, swapped].some(({ partMask }) => isNear(partMask, x, y, i + 1)),
          `${part}: (${x}, ${y})`,
        );
      }
      assert.ok(changed > 20, part);
    }
  }
});

Deno.test("a larger data set holds the birds of a smaller one", () => {
  assert.deepEqual(birdClasses(200).slice(0, 8), birdClasses(8));
  const [variants] = birdClasses(8);
  const image = { label: 0, split: "test", number: 4 } as const;
  assert.deepEqual(drawBird(DEFAULT_BIRDS, variants, image), drawBird(DEFAULT_BIRDS, variants, image));
  assert.notDeepEqual(
    drawBird(DEFAULT_BIRDS, variants, image),
    drawBird(DEFAULT_BIRDS, variants, { ...image, split: "train" }),
  );
});

Deno.test("classes share forms, and no part tells all of them apart", () => {
  const classes = birdClasses(8);
  for (const part of BIRD_PARTS) {
    assert.ok(new Set(classes.map((variants) => variants[part])).size < classes.length / 2 + 1, part);
  }
  for (const [i, a] of classes.entries()) {
    for (const b of classes.slice(0, i)) {
      assert.ok(BIRD_PARTS.filter((part) => a[part] !== b[part]).length >= 4);
    }
  }
});

Deno.test("at every size the body's share of the picture is the same, and sizes out of range are refused", () => {
  const shares = [64, 128, 256].map((size) => {
    const { partMask } = renderBird(someBirds(1, size)[0]);
    return partMask.data.filter((level) => level === BODY_LEVEL).length / (size * size);
  });
  for (const share of shares) assert.ok(Math.abs(share - shares[2]) < 0.01, shares.join(" "));
  for (const size of [0, 15, 64.5, 4096, NaN]) {
    assert.throws(() => renderBird({ ...someBirds(1)[0], size }), RangeError);
  }
  for (const count of [1, 201, 2.5]) assert.throws(() => birdClasses(count), /from 2 to 200/);
});

Deno.test("drawing takes a few hundred steps a pixel", async () => {
  await withFolder({}, async (root) => {
    const { classes, size } = DEFAULT_BIRDS;
    const work = await workOf(() =>
      writeBirds(root, { ...DEFAULT_BIRDS, trainPerClass: 1, testPerClass: 0 })
    );
    const each = work / (classes * size ** 2);
    assert.ok(each <= 250, `${each} steps a pixel`);
  });
});
