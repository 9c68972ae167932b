/** One mask in every form that programs write, and what is refused. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { encodeJpeg } from "../../../lib/vision/encode.ts";
import { image } from "../../../lib/vision/image.ts";
import {
  readLabels,
  readMask,
  readObjectLevels,
  readObjectMask,
} from "../../../lib/vision/masks/mask_file.ts";
import { withFolder } from "../../data/folder.ts";
import { type PngForm, writePng } from "./png_writer.ts";

const [W, H] = [7, 3];
const SIZE = { width: W, height: H };
/** The object: a 3 × 2 block. */
const SHAPE = Array.from({ length: W * H }, (_, i) => i % W > 1 && i % W < 5 && i >= W ? 1 : 0);
const BLACK = [0, 0, 0] as const;
const GREEN = [0, 128, 0] as const;
const WHITE = [255, 255, 255] as const;

const each = (color: (inside: number, i: number) => number[]) => SHAPE.flatMap(color);

const FORMS: Readonly<Record<string, readonly [PngForm, readonly number[]]>> = {
  "1-bit": [{ colorType: 0, depth: 1 }, SHAPE],
  "2-bit": [{ colorType: 0, depth: 2 }, each((m) => [3 * m])],
  "8-bit of 0 and 1": [{ colorType: 0, depth: 8 }, SHAPE],
  "8-bit of 0 and 255": [{ colorType: 0, depth: 8 }, each((m) => [255 * m])],
  "16-bit label map": [{ colorType: 0, depth: 16 }, SHAPE],
  "16-bit of 0 and 255": [{ colorType: 0, depth: 16 }, each((m) => [255 * m])],
  "16-bit of 0 and 65535": [{ colorType: 0, depth: 16 }, each((m) => [65535 * m])],
  "RGB": [{ colorType: 2, depth: 8 }, each((m) => [255 * m, 255 * m, 255 * m])],
  "RGB of a colour": [{ colorType: 2, depth: 8 }, each((m) => [0, 0, 3 * m])],
  "16-bit RGB": [{ colorType: 2, depth: 16 }, each((m) => [40 * m, 40 * m, 40 * m])],
  "1-bit palette": [{ colorType: 3, depth: 1, palette: [BLACK, WHITE] }, SHAPE],
  "4-bit palette, class 5": [
    { colorType: 3, depth: 4, palette: [BLACK, WHITE, WHITE, WHITE, WHITE, GREEN] },
    each((m) => [5 * m]),
  ],
  "palette with a transparent background": [
    { colorType: 3, depth: 8, palette: [WHITE, GREEN], transparency: [0] },
    SHAPE,
  ],
  "grey with opaque alpha": [{ colorType: 4, depth: 8 }, each((m) => [255 * m, 255])],
  "cut-out on transparent white": [{ colorType: 6, depth: 8 }, each((m) => [255, 255, 255, 255 * m])],
  "black cut-out": [{ colorType: 6, depth: 8 }, each((m) => [0, 0, 0, 255 * m])],
  "cut-out of a photograph": [
    { colorType: 6, depth: 8 },
    each((m, i) => [i, 200 - i, i === 9 ? 0 : 90, 255 * m]),
  ],
  "16-bit cut-out": [{ colorType: 6, depth: 16 }, each((m) => [65535, 65535, 65535, 65535 * m])],
};

Deno.test("an object's mask is read alike from every form of PNG", async () => {
  for (const [name, [form, samples]] of Object.entries(FORMS)) {
    await withFolder({ "m.png": writePng(W, H, form, samples) }, async (root) => {
      const path = join(root, "m.png");
      assert.deepEqual([...(await readObjectMask(path, SIZE)).data], SHAPE, name);
      assert.deepEqual([...(await readMask(path)).data], SHAPE, name);
      const { data } = await readObjectLevels(path, SIZE);
      const most = Math.max(...data);
      assert.deepEqual([...data].map((level) => level > most / 2 ? 1 : 0), SHAPE, name);
    });
  }
});

Deno.test("levels of agreement are kept, 16-bit ones scaled to 8 bits", async () => {
  const levels = SHAPE.map((m, i) => m * (51 + i));
  for (const [depth, given] of [[8, levels], [16, levels]] as const) {
    await withFolder({ "m.png": writePng(W, H, { colorType: 0, depth }, given) }, async (root) => {
      assert.deepEqual([...(await readObjectLevels(join(root, "m.png"), SIZE)).data], levels);
    });
  }
  const wide = SHAPE.map((m, i) => m * (i === 9 ? 1 : 1000));
  await withFolder({ "m.png": writePng(W, H, { colorType: 0, depth: 16 }, wide) }, async (root) => {
    assert.deepEqual(
      [...(await readObjectLevels(join(root, "m.png"), SIZE)).data],
      SHAPE.map((m, i) => m * (i === 9 ? 1 : 255)),
    );
  });
});

const REFUSED: Readonly<Record<string, readonly [PngForm, readonly number[], RegExp]>> = {
  "all black": [{ colorType: 0, depth: 8 }, SHAPE.map(() => 0), /shows no object/],
  "all black, 16-bit": [{ colorType: 0, depth: 16 }, SHAPE.map(() => 0), /shows no object/],
  "all white": [{ colorType: 0, depth: 8 }, SHAPE.map(() => 255), /shows no background/],
  "cut-out on opaque white": [
    { colorType: 2, depth: 8 },
    each((m) => m ? [9, 90, 9] : [255, 255, 255]),
    /no background/,
  ],
  "wholly transparent": [{ colorType: 4, depth: 8 }, each((m) => [255 * m, 0]), /wholly transparent/],
  "two masks": [
    { colorType: 6, depth: 8 },
    SHAPE.flatMap((m, i) => [255 * m, 255 * m, 255 * m, i < 10 ? 0 : 255]),
    /one shape in its colours and another in its alpha/,
  ],
  "a palette from white to black": [
    { colorType: 3, depth: 1, palette: [WHITE, BLACK] },
    SHAPE,
    /indices show another/,
  ],
};

Deno.test("a mask that says nothing, or two things, is refused by its name", async () => {
  for (const [name, [form, samples, reason]] of Object.entries(REFUSED)) {
    await withFolder({ "m.png": writePng(W, H, form, samples) }, async (root) => {
      await assert.rejects(() => readObjectMask(join(root, "m.png"), SIZE), (error: Error) => {
        assert.match(error.message, reason, name);
        assert.match(error.message, /m\.png/);
        return true;
      }, name);
    });
  }
});

Deno.test("a mask of another size is refused, and swapped sides are named", async () => {
  const png = writePng(W, H, { colorType: 0, depth: 8 }, SHAPE);
  await withFolder({ "m.png": png }, async (root) => {
    const path = join(root, "m.png");
    for (const read of [readObjectMask, readObjectLevels, readLabels]) {
      await assert.rejects(
        read(path, { width: H, height: W }),
        /7 × 3 pixels, but its image has 3 × 7: its sides/,
      );
      await assert.rejects(read(path, { width: 14, height: 6 }), /7 × 3 pixels, but its image has 14 × 6$/);
    }
  });
});

Deno.test("a JPEG shows no exact mask", async () => {
  const jpeg = await encodeJpeg(image(W, H, "GRAY", Uint8Array.from(SHAPE, (m) => 255 * m)), 90);
  await withFolder({ "m.png": jpeg }, async (root) => {
    await assert.rejects(readObjectMask(join(root, "m.png"), SIZE), /is a JPEG.*save it as a PNG/);
  });
});

Deno.test("labels of parts are the samples or indices as stored", async () => {
  const ids = SHAPE.map((m, i) => m * (1 + i % 3));
  const forms: readonly PngForm[] = [
    { colorType: 0, depth: 2 },
    { colorType: 0, depth: 4 },
    { colorType: 0, depth: 8 },
    { colorType: 0, depth: 16 },
    // Two ids of one colour, and an index 0 that is not black.
    { colorType: 3, depth: 2, palette: [WHITE, GREEN, GREEN, BLACK] },
    { colorType: 3, depth: 8, palette: [BLACK, WHITE, GREEN, GREEN] },
  ];
  for (const form of forms) {
    await withFolder({ "m.png": writePng(W, H, form, ids) }, async (root) => {
      assert.deepEqual([...(await readLabels(join(root, "m.png"), SIZE))], ids, JSON.stringify(form));
    });
  }
  await withFolder(
    { "m.png": writePng(W, H, { colorType: 2, depth: 8 }, ids.flatMap((k) => [k, 0, 0])) },
    async (root) => {
      await assert.rejects(readLabels(join(root, "m.png"), SIZE), /has colours/);
    },
  );
});
