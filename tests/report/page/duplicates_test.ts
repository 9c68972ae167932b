/** Duplicates among prototypes: from one place of an image, or with nearly equal elements. */

import assert from "node:assert/strict";
import { duplicateGroups, othersOf } from "../../../lib/report/page/duplicates.ts";

const prototype = (prototype: number, nearest?: { prototype: number; difference: number }) => ({
  prototype,
  weight: 1,
  isActive: true,
  occurrences: 1,
  ...(nearest && { nearest }),
});

Deno.test("prototypes are grouped by place and by elements, also through a third one", () => {
  const prototypes = [
    prototype(0, { prototype: 1, difference: 0.02 }),
    prototype(1, { prototype: 3, difference: 0.009 }),
    prototype(2),
    prototype(3, { prototype: 1, difference: 0.009 }),
    prototype(4),
    prototype(5),
  ];
  const at = (prototype: number, sample: number, position?: [number, number]) => ({
    prototype,
    sample,
    view: 0,
    position,
  });
  const sources = [at(0, 5), at(2, 7, [0, 1]), at(3, 5), at(4, 7, [0, 2]), at(5, 8)];
  const groups = duplicateGroups({ prototypes }, sources);
  assert.deepEqual(groups, [[0, 1, 3]]);
  assert.deepEqual([...othersOf(groups)], [[0, [1, 3]], [1, [0, 3]], [3, [0, 1]]]);
  assert.deepEqual(duplicateGroups({ prototypes }, []), [[1, 3]]);
});
