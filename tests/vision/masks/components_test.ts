import assert from "node:assert";
import fc from "fast-check";
import type { Mask } from "../../../lib/vision/image.ts";
import { connectedComponents, type Connectivity } from "../../../lib/vision/masks/components.ts";
import { removeSmallRegions } from "../../../lib/vision/masks/small_regions.ts";
import { workOf } from "../../work.ts";
import { arbitraryMask, drawn } from "./arbitrary_mask.ts";

/** Components by flood fill from every pixel in raster order. */
function floodFill(
  { width, height, data }: Mask,
  connectivity: Connectivity,
): { labels: number[]; areas: number[] } {
  const labels = new Array<number>(width * height).fill(0);
  const areas: number[] = [];
  for (let start = 0; start < data.length; start++) {
    if (data[start] === 0 || labels[start] !== 0) continue;
    areas.push(0);
    const open = [start];
    labels[start] = areas.length;
    while (open.length > 0) {
      const at = open.pop()!;
      areas[areas.length - 1]++;
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          if (connectivity === 4 && dx !== 0 && dy !== 0) continue;
          const x = at % width + dx;
          const y = Math.floor(at / width) + dy;
          if (x < 0 || x >= width || y < 0 || y >= height) continue;
          const next = y * width + x;
          if (data[next] === 0 || labels[next] !== 0) continue;
          labels[next] = areas.length;
          open.push(next);
        }
      }
    }
  }
  return { labels, areas };
}

for (const connectivity of [4, 8] as const) {
  Deno.test(`${connectivity}-connected components are those of a flood fill`, () => {
    fc.assert(
      fc.property(arbitraryMask(16), (one) => {
        const { labels, areas } = connectedComponents(one, connectivity);
        const expected = floodFill(one, connectivity);
        assert.deepStrictEqual([...labels], expected.labels);
        assert.deepStrictEqual(areas, expected.areas);
      }),
      { numRuns: 300 },
    );
  });

  Deno.test(`OpenCV's numbering of ${connectivity}-connected components is the same partition`, () => {
    fc.assert(fc.property(arbitraryMask(12), (one) => {
      const raster = connectedComponents(one, connectivity);
      const opencv = connectedComponents(one, connectivity, "opencv");
      const renamed = new Map<number, number>();
      raster.labels.forEach((label, i) => {
        const other = renamed.get(label) ?? opencv.labels[i];
        renamed.set(label, other);
        assert.strictEqual(opencv.labels[i], other);
      });
      assert.strictEqual(new Set(renamed.values()).size, renamed.size);
      assert.deepStrictEqual(raster.areas, raster.areas.map((_, i) => opencv.areas[renamed.get(i + 1)! - 1]));
    }));
  });
}

Deno.test("OpenCV numbers 8-connected components by their first 2 × 2 block", () => {
  const one = drawn(
    "..#.",
    "#...",
  );
  assert.deepStrictEqual([...connectedComponents(one, 8).labels], [0, 0, 1, 0, 2, 0, 0, 0]);
  assert.deepStrictEqual([...connectedComponents(one, 8, "opencv").labels], [0, 0, 2, 0, 1, 0, 0, 0]);
  assert.deepStrictEqual([...connectedComponents(one, 4, "opencv").labels], [0, 0, 1, 0, 2, 0, 0, 0]);
});

Deno.test("a large mask is labelled in a few steps a pixel", async () => {
  const side = 1000;
  const data = Uint8Array.from({ length: side * side }, (_, i) => (i * 2654435761 >>> 13) % 3 === 0 ? 1 : 0);
  let areas: readonly number[] = [];
  const work = await workOf(() => ({ areas } = connectedComponents({ width: side, height: side, data }, 8)));
  assert.strictEqual(areas.reduce((a, b) => a + b), data.reduce((a, b) => a + b, 0));
  assert.ok(work <= 16 * side ** 2, `${work / side ** 2} steps a pixel`);
});

Deno.test("small holes are filled, small islands dropped, and the largest island always stays", () => {
  const ring = drawn(
    "###..",
    "#.#..",
    "###.#",
  );
  const { mask: filled, changed } = removeSmallRegions(ring, 2, "holes");
  assert.ok(changed);
  assert.deepStrictEqual([...filled.data], [...drawn("###..", "###..", "###.#").data]);
  assert.deepStrictEqual(
    [...removeSmallRegions(ring, 2, "islands").mask.data],
    [...drawn("###..", "#.#..", "###..").data],
  );
  assert.deepStrictEqual(
    [...removeSmallRegions(drawn("##.#"), 9, "islands").mask.data],
    [...drawn("##..").data],
  );
  const same = removeSmallRegions(ring, 1, "holes");
  assert.strictEqual(same.changed, false);
  assert.strictEqual(same.mask, ring);
});

Deno.test("after removal no region is small but a lone island", () => {
  fc.assert(fc.property(arbitraryMask(12), fc.integer({ min: 1, max: 6 }), (one, area) => {
    const islands = connectedComponents(removeSmallRegions(one, area, "islands").mask, 8).areas;
    assert.ok(islands.length <= 1 || islands.every((size) => size >= area));
  }));
});
