/** The views that the models are trained with. */

import { strict as assert } from "node:assert";
import { RandomStream } from "../../../lib/tensor/random.ts";
import { image } from "../../../lib/vision/image.ts";
import { applyOperations } from "../../../lib/vision/augment/apply.ts";
import { drawOperations } from "../../../lib/vision/augment/draw.ts";
import { pipeline } from "../../../lib/vision/augment/transforms.ts";
import { augmentViews, oneView, twoViews } from "../../../lib/vision/augment/views.ts";

const source = image(48, 48, "RGB");
const random = new RandomStream({ seed: 0, purpose: "noise" });
for (let i = 0; i < source.data.length; i++) source.data[i] = random.integer(256);

const stream = { seed: 4861, purpose: "augment", epoch: 3, index: 17 };

Deno.test("one view is all stages in their order", async () => {
  const stages = [["protomask", "medium"], ["photometric", "medium"]] as const;
  const views = await augmentViews(source, oneView(stages, "wrap"), stream);
  const transforms = [
    ...pipeline("protomask", "medium", "wrap"),
    ...pipeline("photometric", "medium", "wrap"),
  ];
  assert.deepEqual(views, [await applyOperations(source, drawOperations(transforms, source, stream))]);
});

Deno.test("two views share their geometry and differ in the rest, the same on every run", async () => {
  const recipe = twoViews([["geometric", "medium"], ["pipnet", "large"]], "wrap");
  const [first, second] = await augmentViews(source, recipe, stream);
  assert.notDeepEqual(first, second);
  assert.deepEqual(await augmentViews(source, recipe, stream), [first, second]);

  const common = await applyOperations(source, drawOperations(recipe.shared, source, stream));
  for (const [i, view] of [first, second].entries()) {
    const own = drawOperations(recipe.separate, source, { ...stream, purpose: `augment view ${i}` });
    assert.deepEqual(view, await applyOperations(common, own));
  }
});

Deno.test("views without anything to draw are the image", async () => {
  assert.deepEqual(await augmentViews(source, { shared: [], separate: [], views: 2 }, stream), [
    source,
    source,
  ]);
});
