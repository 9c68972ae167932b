/** Portable PNGs: what another decoder reads from them is the image, and their bytes are known. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import sharp from "sharp";
import { image } from "../../lib/vision/image.ts";
import { encodePortablePng } from "../../lib/vision/portable_png.ts";

Deno.test("libvips reads from a portable PNG what was written", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 20 }),
      fc.constantFrom("RGB" as const, "GRAY" as const),
      fc.infiniteStream(fc.integer({ min: 0, max: 255 })),
      async (width, height, order, bytes) => {
        const channels = order === "RGB" ? 3 : 1;
        const data = Uint8Array.from({ length: width * height * channels }, () => bytes.next().value);
        const file = encodePortablePng(image(width, height, order, data));
        const { data: read, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
        assert.deepEqual([info.width, info.height], [width, height]);
        const stride = info.channels;
        for (let i = 0; i < width * height; i++) {
          for (let c = 0; c < channels; c++) assert.equal(read[i * stride + c], data[i * channels + c]);
        }
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test("the bytes of a portable PNG are the same everywhere", () => {
  const data = Uint8Array.from({ length: 64 * 48 * 3 }, (_, i) => (i * i >> 5) & 255);
  const digest = createHash("sha256").update(encodePortablePng(image(64, 48, "RGB", data))).digest("hex");
  assert.equal(digest, "cedc7d585f5e5e9f3d65897fd8fcc99b11f197cbc066856798b5c6fc4d62f2d2");
});

Deno.test("other colour orders are refused", () => {
  assert.throws(() => encodePortablePng(image(1, 1, "BGR")), /RGB or GRAY, but the image is BGR/);
});
