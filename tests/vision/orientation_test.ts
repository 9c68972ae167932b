/** Turning by EXIF orientation. */

import assert from "node:assert/strict";
import sharp from "sharp";
import { image } from "../../lib/vision/image.ts";
import { readHeader } from "../../lib/vision/image_header.ts";
import { type Orientation, turn } from "../../lib/vision/orientation.ts";

const [WIDTH, HEIGHT] = [16, 8];
const PIXELS = Uint8Array.from({ length: 3 * WIDTH * HEIGHT }, (_, i) => (i * 37) % 251);

Deno.test("the header says the orientation of JPEG and PNG, and images are turned as libvips turns them", async () => {
  const raw = sharp(PIXELS, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
  for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8] as Orientation[]) {
    const png = await raw.clone().withMetadata({ orientation }).png().toBuffer();
    const jpeg = await raw.clone().withMetadata({ orientation }).jpeg().toBuffer();
    for (const bytes of [png, jpeg]) assert.equal(readHeader(bytes, "x").orientation, orientation);
    const { data, info } = await sharp(png).autoOrient().raw().toBuffer({ resolveWithObject: true });
    const turned = turn(image(WIDTH, HEIGHT, "RGB", PIXELS), orientation);
    assert.deepEqual([turned.width, turned.height], [info.width, info.height]);
    assert.deepEqual([...turned.data], [...data], `orientation ${orientation}`);
  }
});
