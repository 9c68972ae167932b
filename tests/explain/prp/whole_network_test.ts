/**
 * Maps of a whole network whose tensors an integer generator makes, against figures of the reference implementation and of a
 * second one.
 */

import assert from "node:assert/strict";
import { bestView } from "../../../lib/explain/best_views.ts";
import { Explainer } from "../../../lib/explain/explainer.ts";
import { resNetBackbone } from "../../../lib/models/backbone.ts";
import { definitionOf } from "../../../lib/models/models.ts";
import { protoMask } from "../../../lib/models/protomask.ts";
import type { ResNetConfig } from "../../../lib/models/resnet.ts";
import { elementCount, float32, type HostTensor, int64 } from "../../../lib/tensor/host_tensor.ts";
import { IMAGENET } from "../../../lib/vision/normalize.ts";

const backbone: ResNetConfig = {
  block: "bottleneck",
  layers: [1, 1, 1, 1],
  width: 64,
  strides: [1, 2, 2, 2],
};

/** Tensors t = 0, 1, 2, … of u = s/2³² − ½, s = (1664525·s + 1013904223) mod 2³² from 12345 + 1000·t on. */
class Generator {
  #count = 0;

  next(shape: readonly number[], value: (u: number) => number): HostTensor<"float32"> {
    let s = 12345 + 1000 * this.#count++;
    const data = Float32Array.from({ length: elementCount(shape) }, () => {
      s = (Math.imul(1664525, s) + 1013904223) >>> 0;
      return value(s / 2 ** 32 - 0.5);
    });
    return float32(shape, data);
  }
}

function generated() {
  const model = protoMask({
    backbone: resNetBackbone(backbone),
    classes: 2,
    prototypesPerClass: 2,
    depth: 16,
  });
  const generator = new Generator();
  const state = new Map<string, HostTensor>();
  const specs = new Map(model.specs.map((spec) => [spec.name, spec]));
  const convolution = (name: string) => {
    const { shape } = specs.get(name)!;
    const bound = 2 * Math.sqrt(6 / elementCount(shape.slice(1)));
    state.set(name, generator.next(shape, (u) => u * bound));
  };
  for (const { name, shape, dtype } of model.specs.filter(({ name }) => name.startsWith("backbone."))) {
    if (dtype === "int64") state.set(name, int64([], [0]));
    else if (shape.length === 4) convolution(name);
    else if (/weight$/.test(name)) state.set(name, generator.next(shape, (u) => 1 + 0.2 * u));
    else if (/var$/.test(name)) state.set(name, generator.next(shape, (u) => 1 + 0.5 * u));
    else state.set(name, generator.next(shape, (u) => 0.1 * u));
  }
  const views = generator.next([3, 3, 64, 64], (u) => 4 * u);
  convolution("add_on_layers.0.weight");
  state.set("add_on_layers.0.bias", generator.next([16], (u) => 0.1 * u));
  state.set("prototype_vectors", generator.next([4, 16, 1, 1], (u) => 0.5 + u));
  state.set("last_layer.weight", float32([2, 4], [1, 1, 0, 0, 0, 0, 1, 1]));
  state.set("classification_loss_fn.weight", float32([2], [1, 1]));
  const explained = { definition: definitionOf("protomask"), model, backbone, state, colors: IMAGENET };
  return { explained, views };
}

function assertNear(got: ArrayLike<number>, expected: readonly number[], relative: number): void {
  assert.equal(got.length, expected.length);
  expected.forEach((value, i) =>
    assert.ok(
      // 8 decimals are known.
      Math.abs(got[i] - value) <= relative * Math.abs(value) + 1e-7,
      `${got[i]}, expected ${value}`,
    )
  );
}

/** Column by column: the prototype's view, the map's sum, maximum, place of it and number of positive pixels. */
const EXPECTED = [
  {
    view: 1,
    sum: 15.999985,
    max: 0.03196867,
    at: 2145,
    positive: 4096,
    pixels: [0.01544819, 0.02772472, 0.00114661],
  },
  {
    view: 2,
    sum: 15.999983,
    max: 0.04451421,
    at: 1987,
    positive: 4096,
    pixels: [0.01743289, 0.0184464, 0.00064375],
  },
  { view: 2, sum: 17.210089, max: 0.12001517, at: 195, positive: 2327, pixels: [0.06153629, 0, 0.00004081] },
  {
    view: 1,
    sum: 15.999986,
    max: 0.04285847,
    at: 131,
    positive: 4096,
    pixels: [0.02394032, 0.02193685, 0.00121355],
  },
];

Deno.test("relevance in four views of a bottleneck network, and the choice of the view", async () => {
  const { explained, views } = generated();
  const explainer = new Explainer(explained, { method: "prp" });
  const { logits, similarities } = await explainer.similarities(views, 0);
  assertNear(logits.data, [0.47515529, 0.3060323], 1e-5);
  assertNear(similarities.data.subarray(0, 3), [0.17239019, 0.17479327, 0.16555278], 1e-4);
  const explanations = EXPECTED.map((_, prototype) => ({
    prototype,
    view: bestView(similarities, prototype).view,
  }));
  assert.deepEqual(explanations.map(({ view }) => view), EXPECTED.map(({ view }) => view));

  const maps = await explainer.relevance(views, explanations, "reference");
  EXPECTED.forEach(({ sum, max, at, positive, pixels }, i) => {
    const map = maps.data.subarray(i * 4096, (i + 1) * 4096);
    assertNear([map.reduce((a, b) => a + b, 0), map[at]], [sum, max], 1e-4);
    assert.equal(map.indexOf(Math.max(...map)), at);
    assert.ok(Math.abs(map.filter((value) => value > 0).length - positive) <= 2);
    assertNear([map[0], map[31 * 64 + 31], map[10 * 64 + 50]], pixels, 5e-4);
  });

  const intended = await explainer.relevance(views, explanations, "intended");
  // As much as the initial relevance, where nothing negative is cut off.
  assertNear([intended.data.subarray(0, 4096).reduce((a, b) => a + b, 0)], [1], 1e-3);
  await explainer.release();
});

Deno.test("a map does not depend on which others are made with it", async () => {
  const { explained, views } = generated();
  const explainer = new Explainer(explained, { method: "prp" });
  const explanations = [{ prototype: 0, view: 1 }, { prototype: 1, view: 2 }, { prototype: 3, view: 1 }];
  const together = await explainer.relevance(views, explanations, "reference");
  for (const [i, explanation] of explanations.entries()) {
    const alone = await explainer.relevance(views, [explanation], "reference");
    assertNear(together.data.subarray(i * 4096, (i + 1) * 4096), [...alone.data], 1e-3);
  }
  await explainer.release();
});

Deno.test("prototypes and views that do not exist are refused", async () => {
  const { explained, views } = generated();
  const explainer = new Explainer(explained, { method: "prp" });
  for (
    const explanation of [{ prototype: 4, view: 0 }, { prototype: 0, view: 3 }, { prototype: -1, view: 0 }]
  ) {
    await assert.rejects(explainer.relevance(views, [explanation], "reference"), /4 prototypes and 3 views/);
  }
  explained.state.delete("backbone.layer2.0.bn1.bias");
  assert.throws(() => new Explainer(explained, { method: "prp" }), {
    name: "ParameterError",
    parameter: "backbone.layer2.0.bn1.bias",
  });
});
