/** `export` on the command line: what it writes, and what it refuses. */

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { writeModel } from "../../lib/models/model_folder.ts";
import { CASES, randomModel } from "../export/random_models.ts";
import { inRun } from "../tasks/run.ts";

Deno.test("export writes a model of a folder, also one without a recipe, and overwrites nothing", async () => {
  await inRun(async (run) => {
    const { sizes, views } = CASES.protopnet;
    const { description, state } = randomModel("protopnet", sizes, views);
    const model = join(run.folder, "got/model");
    mkdirSync(model, { recursive: true });
    writeModel(model, description, state);
    const target = join(run.folder, "exported");
    const written = await run.call("export", join(run.folder, "got"), target, "--batch", "2");
    assert.equal(written.code, 0, written.err);
    assert.deepEqual([...Deno.readDirSync(target)].map(({ name }) => name).sort(), [
      "README.md",
      "model.onnx",
      "weights.safetensors",
    ]);
    assert.match(
      Deno.readTextFileSync(join(target, "README.md")),
      /`x` \(input\) \| float32 \| \[2, 3, 64, 64\]/,
    );
    const refused: [args: string[], message: RegExp][] = [
      [[model, target], /^error: .*exported is already there; nothing was overwritten/],
      [[run.folder, join(run.folder, "other")], /^error: .* holds no model: model\.json is missing/],
      [["./nothing", join(run.folder, "other")], /^error: there is no folder .*nothing: expected a folder/],
    ];
    for (const [args, message] of refused) {
      const { code, err } = await run.call("export", ...args);
      assert.match(err, message);
      assert.equal(code, 2);
      assert.equal(err.trim().split("\n").length, 1, err);
    }
    const { code, err } = await run.call("predict", model, join(target, "README.md"));
    assert.match(
      err,
      /^error: .*does not say how photographs are segmented and cut: recipe\.json is missing/,
    );
    assert.equal(code, 2);
    const help = await run.call("export", "--help");
    assert.equal(help.out.match(/^ {2}deno task export /gm)?.length, 2, help.out);
  });
});
