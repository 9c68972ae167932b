/** Flaws and the params by which they are chosen. */

import assert from "node:assert/strict";
import { METRIC_FLAWS } from "../lib/metrics/fidelity.ts";
import { MODEL_FLAWS } from "../lib/models/fidelity.ts";

Deno.test("a preset sets the flaws asked for, by the names of their settings", () => {
  assert.deepEqual(MODEL_FLAWS.preset("intended", ["projection"]), { projection: "intended" });
  const [reference, intended] = [METRIC_FLAWS.preset("reference"), METRIC_FLAWS.preset("intended")];
  assert.deepEqual(Object.keys(reference), METRIC_FLAWS.names);
  assert.equal(reference.sparse, "all");
  assert.equal(intended.sparse, "positive");
});

Deno.test("a param takes a preset's name, or choices for single flaws beside the reference", () => {
  const models = MODEL_FLAWS.param(["projection", "affine_border"]);
  assert.deepEqual(models.parse(undefined), { projection: "reference", affine_border: "reference" });
  assert.deepEqual(models.parse("intended"), { projection: "intended", affine_border: "intended" });
  assert.deepEqual(models.parse({ projection: "intended" }), {
    projection: "intended",
    affine_border: "reference",
  });
  assert.throws(() => models.parse({ sanity_check: "intended" }), /sanity_check/);
  assert.throws(() => models.parse("published"));

  const metrics = METRIC_FLAWS.param(["averaging", "sparse"], METRIC_FLAWS.names);
  assert.deepEqual(metrics.parse("intended"), METRIC_FLAWS.preset("intended"));
  assert.deepEqual(metrics.parse({ sparse: "intended" }), {
    ...METRIC_FLAWS.preset("reference"),
    sparse: "positive",
  });
  assert.throws(() => metrics.parse({ sparse: "positive" }), "choices are named reference and intended");
});
