/** Drawings of graphs: no edge crosses a box, no boxes overlap, and layers are in order. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { layeredLayout, type LayoutBox } from "../../lib/system/layered_layout.ts";
import { edgesAcrossBoxes, pointsOn } from "./edges_across_boxes.ts";

const HEIGHT = 40;

function assertClear(boxes: readonly LayoutBox[]): void {
  const layout = layeredLayout(boxes, HEIGHT);
  const widths = new Map(boxes.map(({ id, width }) => [id, width]));
  assert.deepEqual(edgesAcrossBoxes(layout, widths, HEIGHT), []);
  for (const { x, y } of layout.edges.flatMap(({ path }) => pointsOn(path))) {
    assert.ok(x >= 0 && x <= layout.width && y >= 0 && y <= layout.height, `${x}, ${y} is outside`);
  }
  for (const { id, width, needs } of boxes) {
    const { x, y } = layout.places.get(id)!;
    assert.ok(x >= 0 && x + width <= layout.width && y >= 0 && y + HEIGHT <= layout.height, id);
    for (const need of needs) assert.ok(layout.places.get(need)!.y + HEIGHT < y, `${need} is above ${id}`);
    for (const [other, place] of layout.places) {
      if (other === id || place.y !== y) continue;
      assert.ok(place.x >= x + width || place.x + widths.get(other)! <= x, `${id} and ${other} overlap`);
    }
  }
}

Deno.test("edges that pass layers go between the boxes there", () => {
  const box = (id: string, ...needs: string[]) => ({ id, width: 100, needs });
  assertClear([
    box("data"),
    box("masks", "data"),
    box("views", "masks"),
    box("model", "views"),
    box("page", "model", "data", "masks"),
  ]);
  assert.deepEqual(layeredLayout([], HEIGHT).edges, []);
});

Deno.test("edges of any graph cross no box", () => {
  const graphs = fc.array(
    fc.tuple(fc.integer({ min: 30, max: 300 }), fc.array(fc.nat(11), { maxLength: 4 })),
    { minLength: 1, maxLength: 12 },
  );
  fc.assert(
    fc.property(graphs, (given) =>
      assertClear(given.map(([width, needs], i) => ({
        id: `n${i}`,
        width,
        needs: needs.filter((need) => need < i).map((need) => `n${need}`),
      })))),
    { numRuns: 60 },
  );
});
