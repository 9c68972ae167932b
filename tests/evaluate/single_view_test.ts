/** Evaluations of models that see one view of each image: figures computed once more by other means. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { Annotations } from "../../lib/evaluate/annotations.ts";
import { evaluationPreset } from "../../lib/evaluate/evaluation_fidelity.ts";
import { EXPLANATION_COLUMNS, PERFORMANCE_COLUMNS } from "../../lib/evaluate/evaluation_file.ts";
import type { EvaluationInputs } from "../../lib/evaluate/evaluate_model.ts";
import { readDataSetIndex } from "../../lib/data/data_set_index.ts";
import { readViewsIndex } from "../../lib/data/views/views_file.ts";
import { readSaliency, readSaliencyIndex } from "../../lib/explain/saliency_files.ts";
import { meanOf } from "../../lib/metrics/image_values.ts";
import { readObjectLevels } from "../../lib/vision/masks/mask_file.ts";
import type { Rectangle } from "../../lib/vision/rectangle.ts";
import { CROP, evaluateTiny, inTinyBirds, K, TINY_BIRDS } from "./tiny_birds.ts";

const MODELS = ["protopnet", "protopool", "pipnet"] as const;
const COLUMNS = [...PERFORMANCE_COLUMNS, ...EXPLANATION_COLUMNS];
const SIDE = 32;

/** Figures are means of values in float32. */
function close(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-5, `${actual}, not ${expected}`);
}

/** For each image its k sets of the pixels at or above the 95th percentile: here, the 52 highest of 1,024. */
function pixelsOf({ saliency }: EvaluationInputs): number[][][] {
  const index = readSaliencyIndex(saliency!);
  return index.samples.map(({ file }) => {
    const { data } = readSaliency(saliency!, file, index).maps;
    return Array.from({ length: K }, (_, rank) => {
      const map = data.subarray(rank * SIDE ** 2, (rank + 1) * SIDE ** 2);
      const order = [...map.keys()].sort((a, b) => map[b] - map[a]);
      assert.ok(map[order[51]] > map[order[52]], "the map has no ties at the percentile");
      return order.slice(0, 52);
    });
  });
}

type Corners = readonly [number, number, number, number];

function boxOf(pixels: readonly number[]): Corners {
  const columns = pixels.map((at) => at % SIDE);
  const rows = pixels.map((at) => Math.floor(at / SIDE));
  return [Math.min(...columns), Math.min(...rows), Math.max(...columns), Math.max(...rows)];
}

/** 1 − intersection / union. */
function boxDifference(a: Corners, b: Corners): number {
  const area = ([x1, y1, x2, y2]: Corners) => (x2 - x1) * (y2 - y1);
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  const shared = width > 0 && height > 0 ? width * height : 0;
  return 1 - shared / (area(a) + area(b) - shared);
}

function maskDifference(a: readonly number[], b: readonly number[]): number {
  const shared = a.filter((at) => b.includes(at)).length;
  return 1 - shared / (a.length + b.length - shared);
}

/** The mean over all pairs of different elements. */
function meanOfPairs<T>(values: readonly T[], difference: (a: T, b: T) => number): number {
  return meanOf(values.flatMap((a, i) => values.filter((_, j) => j !== i).map((b) => difference(a, b))));
}

/** The pixels of the object in a part of its image, resized: those in the upper half of the levels. */
async function objectPixels(
  { data }: EvaluationInputs,
  id: number,
  { left, top, width, height }: Rectangle,
): Promise<Set<number>> {
  const { segmentation } = readDataSetIndex(data).samples.find((sample) => sample.id === id)!;
  const size = { width: TINY_BIRDS.size, height: TINY_BIRDS.size };
  const levels = await readObjectLevels(join(data, segmentation!), size);
  const found = Array.from({ length: SIDE ** 2 }, (_, at) => {
    const x = left + Math.floor(at % SIDE * width / SIDE);
    const y = top + Math.floor(Math.floor(at / SIDE) * height / SIDE);
    return levels.data[y * size.width + x];
  });
  const [low, high] = [Math.min(...found), Math.max(...found)];
  return new Set([...found.keys()].filter((at) => (found[at] - low) / (high - low) > 0.5));
}

for (const model of MODELS) {
  Deno.test(`${model} has every figure that its prototypes allow, in the frame of its view`, async () => {
    await inTinyBirds(async (inputs) => {
      const evaluation = await evaluateTiny(inputs);
      const { results, omitted, samples } = evaluation;
      const without = model === "pipnet" ? ["Intra PD", "Inter PD"] : [];
      assert.deepEqual(
        omitted,
        Object.fromEntries(without.map((name) => [name, "the prototypes of the model have no vectors"])),
      );
      assert.deepEqual(Object.keys(results).sort(), COLUMNS.filter((name) => !without.includes(name)).sort());
      assert.equal(evaluation.regions, "boxes");

      const pixels = pixelsOf(inputs);
      const parts = readDataSetIndex(inputs.data).samples;
      const hits = new Map<number, { images: number; parts: Map<number, number> }>();
      for (const [i, { id, top, values }] of samples.entries()) {
        const boxes = pixels[i].map(boxOf);
        close(values.VLC, 100 * meanOfPairs(boxes, boxDifference));
        const object = await objectPixels(inputs, id, CROP);
        const covered = pixels[i].map((mask) => mask.filter((at) => object.has(at)).length);
        close(values["Object Overlap"], 100 * meanOf(covered.map((count) => count / object.size)));
        close(values["Background Overlap"], 100 * meanOf(covered.map((count) => 1 - count / 52)));
        for (const [rank, { prototype }] of top.entries()) {
          const found = hits.get(prototype) ?? { images: 0, parts: new Map() };
          hits.set(prototype, found);
          found.images++;
          const [x1, y1, x2, y2] = boxes[rank];
          const own = parts.find((sample) => sample.id === id)!.parts;
          const inside = own.filter(([, x, y]) =>
            x >= CROP.left && x < CROP.left + CROP.width && y >= CROP.top && y < CROP.top + CROP.height
          );
          inside.forEach(([, x, y], slot) => {
            const [u, v] = [(x - CROP.left) * SIDE / CROP.width, (y - CROP.top) * SIDE / CROP.height];
            // As in the reference: the ids are those of the first parts, whichever the crop left.
            const part = own[slot][0];
            if (u < x1 || u > x2 || v < y1 || v > y2) return;
            found.parts.set(part, (found.parts.get(part) ?? 0) + 1);
          });
        }
      }
      const consistency = [...hits.values()].map(({ images, parts }) =>
        parts.size === 0 ? 0 : meanOf([...parts.values()].map((count) => count / images))
      );
      close(results.Consistency, 100 * meanOf(consistency));

      const intended = await evaluateTiny(inputs, {
        techniques: ["contrastivity", "complexity"],
        fidelity: evaluationPreset("intended"),
      });
      assert.equal(intended.regions, "masks");
      intended.samples.forEach(({ values }, i) =>
        close(values.VLC, 100 * meanOfPairs(pixels[i], maskDifference))
      );
    }, { model });
  });
}

Deno.test("without a crop the frame is the whole image", async () => {
  await inTinyBirds(async (inputs) => {
    const { samples: [{ id, values }] } = await evaluateTiny(inputs, { techniques: ["complexity"] });
    const whole = { left: 0, top: 0, width: TINY_BIRDS.size, height: TINY_BIRDS.size };
    const object = await objectPixels(inputs, id, whole);
    const covered = pixelsOf(inputs)[0].map((mask) => mask.filter((at) => object.has(at)).length);
    close(values["Object Overlap"], 100 * meanOf(covered.map((count) => count / object.size)));
  }, { model: "protopnet", whole: true, explained: 1 });
});

Deno.test("after a crop, parts keep their ids or get those of the first parts", async () => {
  await inTinyBirds((inputs) => {
    const index = readViewsIndex(inputs.views);
    const [sample] = index.samples;
    const { parts } = readDataSetIndex(inputs.data).samples.find(({ id }) => id === sample.id)!;
    const inside = parts.filter(([, x, y]) =>
      x >= CROP.left && x < CROP.left + CROP.width && y >= CROP.top && y < CROP.top + CROP.height
    );
    assert.ok(inside.length > 0 && inside[0] !== parts[0], "the crop removes the first part");
    const idsOf = (partIds: "by_position" | "own") => {
      const { ids, places } = new Annotations(inputs.data, index, {
        frame: "view",
        fidelity: { partIds, filledBox: "inclusive" },
      }).parts(sample);
      const used = [...ids].filter((id) => id !== -1);
      used.forEach((_, slot) => {
        close(places.data[2 * slot], (inside[slot][1] - CROP.left) * SIDE / CROP.width);
        close(places.data[2 * slot + 1], (inside[slot][2] - CROP.top) * SIDE / CROP.height);
      });
      return used;
    };
    assert.deepEqual(idsOf("own"), inside.map(([id]) => id));
    assert.deepEqual(idsOf("by_position"), parts.slice(0, inside.length).map(([id]) => id));
    return Promise.resolve();
  }, { model: "pipnet", explained: 0 });
});

Deno.test("saliency in another frame than that of the model is refused", async () => {
  await inTinyBirds(async (inputs) => {
    const path = join(inputs.saliency!, "saliency.json");
    Deno.writeTextFileSync(path, Deno.readTextFileSync(path).replace('"frame":"view"', '"frame":"image"'));
    await assert.rejects(
      evaluateTiny(inputs),
      /has maps of the image, but explanations of protopnet show the view/,
    );
  }, { model: "protopnet", explained: 0 });
});

Deno.test("the filled box stands for the object where masks are not asked for", async () => {
  await inTinyBirds(async (inputs) => {
    const index = readViewsIndex(inputs.views);
    const [sample] = index.samples;
    const { box } = readDataSetIndex(inputs.data).samples.find(({ id }) => id === sample.id)!;
    const filled = (filledBox: "inclusive" | "exclusive") =>
      new Annotations(inputs.data, index, {
        frame: "view",
        objects: "boxes",
        fidelity: { partIds: "own", filledBox },
      }).object(sample);
    const inBox = (x: number, y: number) => {
      const [left, right] = [x, x + 1].map((at) => CROP.left + at * CROP.width / SIDE);
      const [top, bottom] = [y, y + 1].map((at) => CROP.top + at * CROP.height / SIDE);
      return right > box![0] && left < box![2] && bottom > box![1] && top < box![3];
    };
    const { data, width } = await filled("inclusive");
    data.forEach((value, at) => assert.equal(value === 1, inBox(at % width, Math.floor(at / width))));
    const { data: smaller } = await filled("exclusive");
    assert.ok(smaller.filter((value) => value === 1).length < data.filter((value) => value === 1).length);

    const { results } = await evaluateTiny(inputs, { techniques: ["complexity"], objects: "boxes" });
    const { results: masked } = await evaluateTiny(inputs, { techniques: ["complexity"] });
    assert.ok(results["Object Overlap"] > masked["Object Overlap"], "a box holds more than its object");
  }, { model: "protopnet" });
});
