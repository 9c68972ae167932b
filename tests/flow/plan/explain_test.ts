/** Explanations: from the manifests that were hashed, the nearest one, and never longer than five lines. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { differences, explain } from "../../../lib/flow/plan/explain.ts";
import { actionKey, manifestOf } from "../../../lib/flow/store/manifest.ts";
import type { ActionKey, Manifest, TreeDigest } from "../../../lib/flow/store/types.ts";

const tree = (digest: string) => digest as TreeDigest;

const base: Manifest = manifestOf({
  kind: "joint",
  code: { digest: "c1", packages: { zod: "4.0.0" } },
  params: { lr: 0.1, coefs: { sep: 0.08, clst: 0.8 }, layers: [1, 2] },
  inputs: {
    images: tree("i1"),
    masks: [{ label: "0", digest: tree("m0") }, { label: "1", digest: tree("m1") }],
  },
  outputs: ["state"],
  runtime: { deno: "2.9.6" },
});

const context = {
  inputName: (
    input: string,
    label?: string,
  ) => (label === undefined ? `${input}.src` : `${input}.src/${label}`),
  tree: (digest: string) =>
    ({ i1: { "a.jpg": "1", "b.jpg": "2", "c.jpg": "3" }, i2: { "a.jpg": "1", "b.jpg": "9", "d.jpg": "4" } })[
      digest
    ] as
      | Record<string, string>
      | undefined,
};

Deno.test("each part that can differ is named as the user knows it", () => {
  const cases: [Partial<Manifest>, string][] = [
    [{ params: { ...base.params, lr: 0.2 } }, "param lr: 0.1 → 0.2"],
    [{ params: { ...base.params, coefs: { sep: 0.1, clst: 0.8 } } }, "param coefs.sep: 0.08 → 0.1"],
    [{ params: { ...base.params, layers: [1, 3] } }, "param layers: [1,2] → [1,3]"],
    [{ params: { ...base.params, more: true } }, "param more: absent → true"],
    [
      { inputs: { ...base.inputs, images: tree("i2") } },
      "input images (images.src): b.jpg changed, c.jpg is gone, d.jpg is new",
    ],
    [{ inputs: { ...base.inputs, images: tree("i3") } }, "input images (images.src) changed"],
    [
      { inputs: { ...base.inputs, masks: [{ label: "0", digest: tree("m0") }] } },
      "input masks, 1 is no longer given",
    ],
    [
      {
        inputs: {
          ...base.inputs,
          masks: [{ label: "0", digest: tree("m0") }, { label: "1", digest: tree("m9") }],
        },
      },
      "input masks, 1 (masks.src/1) changed",
    ],
    [{ inputs: { images: tree("i1") } }, "input masks is no longer given"],
    [{ code: { ...base.code, digest: "c2" } }, "code of kind joint changed"],
    [{ code: { digest: "c2", packages: { zod: "4.1.0" } } }, 'package zod: "4.0.0" → "4.1.0"'],
    [{ runtime: { deno: "2.9.7" } }, 'runtime deno: "2.9.6" → "2.9.7"'],
    [{ step: 4 }, "steps none → 4"],
    [{ kind: "project" }, "kind joint → project"],
    [{ item: "a" }, "item none → a"],
    [{ itemFacts: { box: [1, 2] } }, 'fact: absent → {"box":[1,2]}'],
  ];
  for (const [change, line] of cases) {
    assert.deepEqual(differences(base, { ...base, ...change }, context), [line]);
  }
});

Deno.test("of an item, the fact that changed is named", () => {
  const one = (itemFacts: Manifest["itemFacts"]) => ({ ...base, item: "a", itemFacts });
  const before = one({ box: [1, 2], at: { x: 1 }, name: "a" });
  assert.deepEqual(differences(before, one({ name: "a", at: { x: 2 }, box: [1, 3] }), context), [
    "fact at.x: 1 → 2",
    "fact box: [1,2] → [1,3]",
  ]);
  assert.deepEqual(differences(one([1]), one(null), context), ["fact: [1] → null"]);
});

Deno.test("of long values the part where they begin to differ is shown", () => {
  const script = (end: string) => ({
    ...base,
    params: { argv: ["sh", "-c", `${"true; ".repeat(50)}${end}`] },
  });
  const [line] = differences(script("echo one"), script("echo two"), context);
  assert.match(line, /^param argv: ….*echo one"\] → ….*echo two"\]$/);
  assert.ok(line.length < 150);
});

Deno.test("the nearest is that with the fewest differences, of those the newest; the rest is counted", () => {
  const far = { ...base, kind: "project", runtime: { deno: "1" } };
  const near = { ...base, params: { ...base.params, lr: 0.3 } };
  const older = { ...base, params: { ...base.params, lr: 0.4 } };
  const earlier = [far, near, older].map((manifest) => ({ key: actionKey(manifest), manifest }));
  assert.deepEqual(explain(base, earlier, context), {
    nearest: earlier[1].key,
    lines: ["param lr: 0.3 → 0.1"],
  });
  assert.equal(explain(base, [], context), undefined);
  const params = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`p${i}`, i]));
  const many = explain(
    { ...base, params: { ...base.params, ...params } },
    [{ key: "k" as ActionKey, manifest: base }],
    context,
  )!;
  assert.equal(many.lines.length, 4);
  assert.equal(many.lines.at(-1), "… and 6 more differences");
});

Deno.test("two manifests have no differences just where they have the same key", () => {
  const json = fc.jsonValue({ depthSize: "small" }).map((value) => JSON.parse(JSON.stringify(value)));
  const manifest = fc.record({
    params: fc.dictionary(fc.string(), json, { maxKeys: 3 }),
    digest: fc.constantFrom("c1", "c2"),
    images: fc.constantFrom("i1", "i2"),
    step: fc.option(fc.nat(3), { nil: undefined }),
    itemFacts: fc.option(json, { nil: undefined }),
  }).map(({ params, digest, images, step, itemFacts }): Manifest => ({
    ...base,
    params,
    code: { ...base.code, digest },
    inputs: { images: tree(images) },
    ...(step === undefined ? {} : { step }),
    ...(itemFacts === undefined ? {} : { itemFacts }),
  }));
  fc.assert(fc.property(manifest, manifest, (a, b) => {
    assert.deepEqual(differences(a, a, context), []);
    assert.equal(differences(a, b, context).length === 0, actionKey(a) === actionKey(b));
  }));
});
