/** Files of saliency: what is written is read again, and what is damaged is refused by name. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { evenlySpread } from "../../lib/explain/explained_images.ts";
import {
  encodeSaliency,
  readSaliency,
  readSaliencyIndex,
  writeSaliencyIndex,
} from "../../lib/explain/saliency_files.ts";
import { float32 } from "../../lib/tensor/host_tensor.ts";

const saliency = {
  logits: float32([3], [0.25, -1, 1 / 3]),
  scores: float32([4], [0.5, -0.25, 3, 0]),
  places: [0, 5, 2, 1],
  grid: [2, 3] as const,
  prototypes: [7, 2],
  similarities: [Math.fround(3.2), 0.5],
  views: [1, 0],
  maps: float32([2, 2, 3], [0, 0, 1.5, 0, 2, 0, 0, 0, 0, 0, 0, 0]),
};
const size = { width: 3, height: 2, frame: "image" as const };

async function inFolder(use: (folder: string) => void): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("saliency of an image is read as it was written, in the same bytes every time", async () => {
  await inFolder((folder) => {
    for (const written of [saliency, { ...saliency, viewMaps: float32([2, 2, 3], Array(12).fill(0.125)) }]) {
      const bytes = encodeSaliency(written);
      assert.deepEqual(encodeSaliency(written), bytes);
      Deno.writeFileSync(join(folder, "a.gz"), bytes);
      assert.deepEqual(readSaliency(folder, "a.gz", size), written);
    }
  });
});

Deno.test("where the frame is the view, maps of the frame are those of the views", async () => {
  await inFolder((folder) => {
    Deno.writeFileSync(join(folder, "a.gz"), encodeSaliency(saliency));
    const read = readSaliency(folder, "a.gz", { ...size, frame: "view" });
    assert.deepEqual(read, { ...saliency, viewMaps: saliency.maps });
  });
});

Deno.test("a file that is missing, cut short, or of another size is refused by its path", async () => {
  await inFolder((folder) => {
    const refused = (message: RegExp, of = size) =>
      assert.throws(() => readSaliency(folder, "a.gz", of), { name: "SaliencyFileError", message });
    refused(/a\.gz is not a saliency file of an image: ENOENT|No such file/);
    const bytes = encodeSaliency(saliency);
    Deno.writeFileSync(join(folder, "a.gz"), bytes.subarray(0, bytes.length - 30));
    refused(/a\.gz is not a saliency file/);
    Deno.writeFileSync(join(folder, "a.gz"), bytes);
    refused(/outside its map of 2 × 2/, { ...size, width: 2 });
  });
});

Deno.test("an index is read as it was written; a wrong one is refused by its field", async () => {
  await inFolder((folder) => {
    const index = {
      method: "prp" as const,
      seed: 0,
      percentile: 95,
      split: "test" as const,
      ...size,
      samples: [{ id: 4, name: "a/b.jpg", label: 1, file: "00004-b.safetensors.gz" }],
    };
    writeSaliencyIndex(folder, index);
    assert.deepEqual(readSaliencyIndex(folder), { format: "protoflow saliency 1", ...index });
    const path = join(folder, "saliency.json");
    // Folders of earlier versions name no frame, which is the image, and no seed.
    const earlier = Deno.readTextFileSync(path).replace('"frame":"image",', "").replace('"seed":0,', "");
    Deno.writeTextFileSync(path, earlier);
    assert.deepEqual(readSaliencyIndex(folder), { format: "protoflow saliency 1", ...index });
    Deno.writeTextFileSync(path, Deno.readTextFileSync(path).replace("00004-b", "../b"));
    assert.throws(() => readSaliencyIndex(folder), {
      name: "JsonFileError",
      message: /saliency\.json: samples\.0\.file/,
    });
    Deno.removeSync(path);
    assert.throws(() => readSaliencyIndex(folder), {
      name: "JsonFileError",
      message: /saliency\.json can't be read as saliency/,
    });
  });
});

Deno.test("a limit takes images from all over the list", () => {
  const images = Array.from({ length: 10 }, (_, i) => i);
  assert.deepEqual(evenlySpread(images, 3), [0, 3, 6]);
  assert.deepEqual(evenlySpread(images, 20), images);
  assert.deepEqual(evenlySpread(images), images);
});
