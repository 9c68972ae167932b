/** Which runs are runs of the same, by their labels. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { variantsOf } from "../../../lib/report/tables/variants.ts";

/** The labels by place, and the axes before them. */
function grouped(labels: readonly string[], averaged: readonly string[] = ["seed"]) {
  const { axes, variants } = variantsOf(labels.map((label) => ({ label })), averaged);
  return [axes, ...variants.map(({ place, runs }) => [place, runs.map(({ label }) => label)])];
}

Deno.test("places on the axes that are not averaged are variants, in the order of their first runs", () => {
  const labels = ["loss=b,seed=1,views=3", "loss=a,seed=1,views=3", "loss=b,seed=2,views=3"];
  assert.deepEqual(grouped(labels), [
    ["loss", "views"],
    [["b", "3"], [labels[0], labels[2]]],
    [["a", "3"], [labels[1]]],
  ]);
  assert.deepEqual(grouped(labels, ["loss", "views"]), [
    ["seed"],
    [["1"], [labels[0], labels[1]]],
    [["2"], [labels[2]]],
  ]);
});

Deno.test("runs of seeds alone, and labels that name no axis, are all runs of the same", () => {
  for (const labels of [["seed=1", "seed=2"], ["run 1", "run 2"], ["", "<a href=x>=1"], ["run 1"]]) {
    assert.deepEqual(grouped(labels), [[], [[], labels]]);
  }
});

Deno.test("the position of a fan-in belongs to no axis, and an axis that a run lacks is empty", () => {
  assert.deepEqual(grouped(["0-loss=a,seed=1", "1-loss=a,views=3"]), [
    ["loss", "views"],
    [["a", ""], ["0-loss=a,seed=1"]],
    [["a", "3"], ["1-loss=a,views=3"]],
  ]);
});

Deno.test("every run is in one variant, and every variant has its own place", () => {
  const value = fc.stringMatching(/^[A-Za-z0-9_.+-]{1,8}$/);
  const member = fc.record({ loss: value, views: fc.integer({ min: -3, max: 3 }), seed: fc.nat(2) });
  fc.assert(fc.property(fc.array(member), (members) => {
    const runs = members.map((member) => ({
      member,
      label: Object.entries(member).map(([axis, value]) => `${axis}=${value}`).join(),
    }));
    const { variants } = variantsOf(runs, ["seed"]);
    assert.equal(variants.flatMap(({ runs }) => runs).length, members.length);
    assert.equal(new Set(variants.map(({ place }) => place.join())).size, variants.length);
    for (const { place, runs } of variants) {
      for (const { member: { loss, views } } of runs) assert.deepEqual(place, [loss, `${views}`]);
    }
  }));
});
