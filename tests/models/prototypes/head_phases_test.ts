/** The phases that models with prototype vectors share. */

import assert from "node:assert/strict";
import { group } from "../../../lib/models/prototypes/head.ts";
import { headPhases } from "../../../lib/models/prototypes/head_phases.ts";

const parts = {
  backboneParameters: ["backbone.a", "backbone.b"],
  joint: ["prototype_vectors", "backbone.a", "backbone.b", "add_on"],
  headGroups: [group("add_on_layers", ["add_on"]), group("prototype_vectors", ["prototype_vectors"])],
};

Deno.test("the warm-up trains the head, the joint phase the backbone too, fine-tuning the last layer", () => {
  const { gradients, trainable, groups } = headPhases({ ...parts, frozenStatistics: "reference" });
  assert.deepEqual(gradients("warmup"), ["prototype_vectors", "add_on"]);
  assert.deepEqual(gradients("joint"), parts.joint);
  assert.deepEqual(gradients("fine_tune"), ["last_layer.weight"]);
  const names = (phase: "warmup" | "joint" | "fine_tune") => groups(phase).map(({ name }) => name);
  assert.deepEqual(names("warmup"), ["add_on_layers", "prototype_vectors"]);
  assert.deepEqual(names("joint"), ["backbone", "add_on_layers", "prototype_vectors"]);
  assert.deepEqual(names("fine_tune"), ["last_layer"]);
  for (const phase of ["warmup", "joint", "fine_tune"] as const) {
    assert.deepEqual(trainable(phase), gradients(phase));
    const grouped = groups(phase).flatMap(({ parameters }) => parameters);
    assert.deepEqual(grouped.toSorted(), gradients(phase).toSorted());
  }
});

Deno.test("statistics move with the backbone alone, or in every phase as the reference has it", () => {
  const moving = (frozenStatistics: "reference" | "intended") =>
    (["warmup", "joint", "fine_tune"] as const).filter((phase) =>
      headPhases({ ...parts, frozenStatistics }).movesStatistics(phase)
    );
  assert.deepEqual(moving("intended"), ["joint"]);
  assert.deepEqual(moving("reference"), ["warmup", "joint", "fine_tune"]);
});
