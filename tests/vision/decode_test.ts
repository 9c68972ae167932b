/** Decoding: right answers for what was encoded, typed errors for everything else. */

import { strict as assert } from "node:assert";
import { join } from "node:path";
import { RandomStream } from "../../lib/tensor/random.ts";
import { type ColorOrder, type Image, image } from "../../lib/vision/image.ts";
import { decodeBytes, decodeImage, decodeOverWhite, MAX_PIXELS } from "../../lib/vision/decode.ts";
import { encodeJpeg, encodePng } from "../../lib/vision/encode.ts";
import { ImageError, type ImageFault } from "../../lib/vision/image_error.ts";
import { sharedFolder } from "../shared.ts";

function noise(width: number, height: number, order: ColorOrder, seed = 0): Image {
  const source = image(width, height, order);
  const random = new RandomStream({ seed, purpose: "noise" });
  for (let i = 0; i < source.data.length; i++) source.data[i] = random.integer(256);
  return source;
}

/** Smooth, so that a JPEG of high quality stays close to it. */
function gradient(width: number, height: number): Image {
  const source = image(width, height, "RGB");
  for (let i = 0; i < source.data.length; i++) {
    const pixel = Math.floor(i / 3);
    source.data[i] = [2 * (pixel % width), Math.floor(pixel / width), 128][i % 3];
  }
  return source;
}

async function withFile(content: Uint8Array, test: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "picture.jpg");
    await Deno.writeFile(path, content);
    await test(path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Checks that `content` is refused for that reason, by an error that names the file. */
async function refuses(content: Uint8Array, reason: ImageFault): Promise<void> {
  await withFile(content, async (path) => {
    await assert.rejects(decodeImage(path), (error) => {
      assert.ok(error instanceof ImageError);
      assert.equal(error.reason, reason);
      assert.equal(error.file, path);
      assert.ok(error.message.startsWith(`${path}: `));
      return true;
    });
  });
}

/** The bytes with a 32-bit big-endian number written at `at`. */
function patched(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  new DataView(copy.buffer).setUint32(at, value);
  return copy;
}

Deno.test("a PNG gives back the very pixels of RGB and grey images", async () => {
  const rgb = noise(37, 23, "RGB");
  assert.deepEqual(await decodeBytes(await encodePng(rgb), "a.png"), rgb);
  const gray = noise(9, 5, "GRAY");
  const decoded = await decodeBytes(await encodePng(gray), "a.png");
  assert.equal(decoded.order, "RGB");
  for (let i = 0; i < decoded.data.length; i++) assert.equal(decoded.data[i], gray.data[Math.floor(i / 3)]);
});

Deno.test("alpha is dropped, or blended over white where the reference's rule is asked for", async () => {
  const file = await encodePng(image(2, 1, "RGBA", Uint8Array.of(10, 20, 30, 255, 10, 20, 30, 51)));
  await withFile(file, async (path) => {
    assert.deepEqual([...(await decodeImage(path)).data], [10, 20, 30, 10, 20, 30]);
    assert.deepEqual([...(await decodeOverWhite(path)).data], [10, 20, 30, 206, 208, 210]);
  });
});

Deno.test("an image without alpha is the same by both rules", async () => {
  await withFile(await encodePng(noise(5, 4, "RGB")), async (path) => {
    assert.deepEqual(await decodeOverWhite(path), await decodeImage(path));
  });
});

Deno.test("a JPEG of high quality stays close to a smooth image, at every small size", async () => {
  for (const [width, height] of [[1, 1], [2, 3], [8, 8], [17, 9], [64, 48]]) {
    const source = gradient(width, height);
    const { data } = await decodeBytes(await encodeJpeg(source, 98), "a.jpg");
    assert.equal(data.length, source.data.length);
    for (let i = 0; i < data.length; i++) assert.ok(Math.abs(data[i] - source.data[i]) <= 6);
  }
});

Deno.test("what is no image is refused for what it is", async () => {
  await refuses(new Uint8Array(0), "empty");
  await refuses(new TextEncoder().encode("<!DOCTYPE html><title>404</title>"), "not_an_image");
  await refuses(new Uint8Array(64), "not_an_image");
  await refuses(Uint8Array.of(0xff, 0xd8), "not_an_image");
  await refuses(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16), "truncated");
});

Deno.test("an image that ends early is refused as truncated", async () => {
  const png = await encodePng(noise(40, 40, "RGB"));
  const jpeg = await encodeJpeg(noise(40, 40, "RGB"), 90);
  for (const share of [0.2, 0.5, 0.9]) {
    await refuses(png.subarray(0, Math.floor(png.length * share)), "truncated");
    await refuses(jpeg.subarray(0, Math.floor(jpeg.length * share)), "truncated");
  }
});

Deno.test("a damaged PNG is refused as corrupt", async () => {
  const png = await encodePng(noise(40, 40, "RGB"));
  const damaged = png.slice();
  damaged[Math.floor(damaged.length / 2)] ^= 0xff;
  await refuses(damaged, "corrupt");
  await refuses(patched(png, 16, 0), "corrupt");
});

Deno.test("a header that claims too many pixels is refused before they are allocated", async () => {
  const png = await encodePng(noise(4, 4, "RGB"));
  await refuses(patched(patched(png, 16, 60_000), 20, 60_000), "too_large");
  await refuses(patched(png, 16, 2 ** 31 - 1), "too_large");
  const jpeg = await encodeJpeg(noise(4, 4, "RGB"), 90);
  const frame = jpeg.findIndex((byte, i) => byte === 0xff && jpeg[i + 1] === 0xc0);
  await refuses(patched(jpeg, frame + 5, 60_000 * 2 ** 16 + 60_000), "too_large");
  assert.ok(60_000 * 60_000 > MAX_PIXELS);
});

Deno.test("a file that can't be read is named", async () => {
  for (const path of ["/nonexistent/bird.jpg", "/"]) {
    await assert.rejects(
      decodeImage(path),
      (error) => error instanceof ImageError && error.reason === "unreadable" && error.file === path,
    );
  }
});

Deno.test("images that a file format can't hold are refused", async () => {
  await assert.rejects(encodePng(image(1, 1, "BGR")), RangeError);
  await assert.rejects(encodeJpeg(image(1, 1, "RGBA"), 90), RangeError);
  for (const quality of [0, 101, 90.5, NaN]) {
    await assert.rejects(encodeJpeg(image(1, 1, "RGB"), quality), RangeError);
  }
});

Deno.test({
  name: "every photograph of the sample is decoded, whatever colour profile it carries",
  ignore: sharedFolder() === undefined,
  async fn() {
    const folder = join(sharedFolder()!, "data/cub200-sample/CUB_200_2011/images");
    let count = 0;
    for (const species of Deno.readDirSync(folder)) {
      for (const { name } of Deno.readDirSync(join(folder, species.name))) {
        const { width, height, data } = await decodeImage(join(folder, species.name, name));
        assert.equal(data.length, width * height * 3);
        count++;
      }
    }
    assert.equal(count, 63);
  },
});

Deno.test("a mutated file gives an image of the stated size or a typed error", async () => {
  const random = new RandomStream({ seed: 11, purpose: "mutations" });
  const files = [
    await encodePng(noise(23, 17, "RGB")),
    await encodePng(noise(23, 17, "RGBA")),
    await encodePng(noise(30, 11, "GRAY")),
    await encodeJpeg(gradient(41, 33), 80),
    await encodeJpeg(noise(19, 29, "RGB"), 50),
    await encodeJpeg(noise(20, 20, "GRAY"), 90),
  ];
  let images = 0;
  let errors = 0;
  for (let round = 0; round < 1200; round++) {
    const bytes = mutated(files[round % files.length], random);
    try {
      const { width, height, data } = await decodeBytes(bytes, "mutated");
      assert.equal(data.length, width * height * 3);
      assert.ok(width * height <= MAX_PIXELS);
      images++;
    } catch (error) {
      assert.ok(error instanceof ImageError, `round ${round}: ${error}`);
      errors++;
    }
  }
  assert.ok(images > 50 && errors > 300, `${images} images, ${errors} errors`);
});

/** A few bytes changed, inserted, removed or repeated; sometimes only in the first 64, where the headers are. */
function mutated(bytes: Uint8Array, random: RandomStream): Uint8Array {
  let out = [...bytes];
  for (let n = random.integer(4) + 1; n > 0; n--) {
    const at = random.integer(random.integer(2) === 0 ? Math.min(64, out.length) : out.length);
    switch (random.integer(5)) {
      case 0:
        out[at] = random.integer(256);
        break;
      case 1:
        out[at] ^= 1 << random.integer(8);
        break;
      case 2:
        out.splice(at, 1 + random.integer(16));
        break;
      case 3:
        out.splice(at, 0, ...out.slice(at, at + random.integer(40)));
        break;
      case 4:
        if (random.integer(4) === 0) out = out.slice(0, at + 1);
        else out.splice(at, 0, random.integer(256));
    }
    if (out.length === 0) return new Uint8Array(0);
  }
  return Uint8Array.from(out);
}
