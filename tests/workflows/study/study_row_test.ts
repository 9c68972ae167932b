/** The stages of each row follow from the definition of its model. */

import assert from "node:assert/strict";
import { z } from "zod";
import { resNetBackbone } from "../../../lib/models/backbone.ts";
import { definitionOf } from "../../../lib/models/models.ts";
import { isProjectable } from "../../../lib/models/prototypes/prototype_model.ts";
import { ROWS } from "../../../workflows/study/rows.ts";
import { studyRow } from "../../../workflows/study/study_row.ts";

const BACKBONE = { block: "basic", layers: [1], width: 4, strides: [1] } as const;

Deno.test("what is evaluated, and whether prototypes are projected, is what the models' definitions say", () => {
  for (const { name, model: modelName } of ROWS) {
    const { tasks } = studyRow(name);
    const { evaluated, build, architecture } = definitionOf(modelName);
    const phase = { warmup: "warm-up", joint: "joint", fine_tune: "fine-tune" }[evaluated];
    for (const task of ["evaluate", "prp", "prototype-prp"]) {
      assert.equal(tasks[task].inputs?.model, `${phase}.model`, `${name} ${task}`);
    }
    assert.equal("fine-tune" in tasks, phase === "fine-tune", name);
    const sizes = z.strictObject(architecture).parse({});
    const model = build({ ...sizes, backbone: resNetBackbone(BACKBONE), classes: 2 }, {});
    assert.equal("project" in tasks, isProjectable(model), name);
    assert.equal("prototype-images" in tasks, !isProjectable(model), name);
  }
});

Deno.test("a row that the study lacks is an error that lists the known ones", () => {
  assert.throws(() => studyRow("cub200-resnet"), /no row cub200-resnet; known: .*dogs-pipnet-nc/);
});
