/** The image and the masks of views, by sample. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { writeDataSet } from "../../lib/data/data_set_index.ts";
import type { ViewedSample } from "../../lib/data/views/views_file.ts";
import { formatMaskSet, maskSet, maskSetFile } from "../../lib/segment/mask_set.ts";
import { ViewMasks } from "../../lib/segment/view_masks.ts";
import { encodePng } from "../../lib/vision/encode.ts";
import { image, mask } from "../../lib/vision/image.ts";
import { decodeRunLengths, encodeRunLengths } from "../../lib/vision/masks/rle.ts";

const rectangle = { left: 0, top: 0, width: 4, height: 1 };
const viewed: ViewedSample = {
  id: 3,
  name: "c/a.png",
  label: 0,
  width: 4,
  height: 1,
  rows: [{ mask: 1, rectangle }, { mask: 0, rectangle }],
  views: [1, 0],
};

Deno.test("an image and the masks of its views are found by the sample", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const path = join(folder, "drawn.png");
    Deno.writeFileSync(path, await encodePng(image(4, 1, "RGB", new Uint8Array(12).fill(7))));
    const samples = [
      { id: 3, name: "c/a.png", path, label: 0, split: "test", box: [0, 0, 3, 0], parts: [] } as const,
    ];
    writeDataSet(join(folder, "data"), "drawn", { classes: ["c"], partNames: new Map(), samples });
    const found = [[1, 0, 0, 0], [0, 1, 1, 1]].map((bits) => ({
      runs: encodeRunLengths(mask(4, 1, Uint8Array.from(bits))),
    }));
    Deno.mkdirSync(join(folder, "masks"));
    const set = maskSet({ name: "c/a.png", width: 4, height: 1 }, found);
    Deno.writeTextFileSync(join(folder, "masks", maskSetFile(viewed)), formatMaskSet(set));

    const masks = new ViewMasks(join(folder, "data"), join(folder, "masks"));
    assert.deepEqual(masks.files(viewed), { data: "images/c/a.png", masks: maskSetFile(viewed) });
    assert.deepEqual([...(await masks.image(viewed)).data], new Array(12).fill(7));
    // The largest mask is the first of its set; the first view refers to the second row, which has that mask.
    assert.deepEqual([...decodeRunLengths(masks.runs(viewed, 0)).data], [0, 1, 1, 1]);
    assert.deepEqual([...decodeRunLengths(masks.runs(viewed, 1)).data], [1, 0, 0, 0]);
    assert.throws(() => masks.files({ ...viewed, id: 4 }), /sample 4 is not in .*data; give the data set/);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
