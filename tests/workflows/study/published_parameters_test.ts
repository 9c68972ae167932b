/** Every published parameter is that of the reference's tables, none is missing, and none is added. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  AUGMENTATION,
  columnOf,
  EVAL_EVERY_N_EPOCHS,
  PUBLISHED,
  SEEDS,
} from "../../../workflows/study/published_parameters.ts";
import { sharedFolder } from "../../shared.ts";

const HEADINGS = {
  protomask: "### 7.1 ProtoMask",
  protopnet: "### 7.2 ProtoPNet",
  protopool: "### 7.3 ProtoPool",
  pipnet: "### 7.4 PIP-Net",
} as const;

const folder = sharedFolder();
const reference = folder === undefined ? "" : readFileSync(join(folder, "spec", "training.md"), "utf8");
const ignore = folder === undefined;
if (ignore) console.warn("skipped: published parameters need ../shared/spec/training.md");

/** The cells of the first table below a heading, a line for each of its rows. */
function tableBelow(heading: string): string[][] {
  const below = reference.slice(reference.indexOf(`${heading}\n`) + heading.length);
  const lines = below.slice(0, below.search(/\n#{2,3} /)).split("\n").filter((line) => line.startsWith("|"));
  const rows = lines.map((line) =>
    line.split("|").slice(1, -1).map((cell) => cell.trim().replaceAll("`", ""))
  );
  return rows.filter(([first]) => !/^-+$/.test(first));
}

/** The name and the value of a cell as the project's tables have them. */
function projectForm(key: string, text: string): [string, string | number | boolean] {
  if (key === "prototype_shape") {
    assert.match(text, /^\d+×1×1$/);
    return ["prototype_shape.0", Number(text.split("×")[0])];
  }
  if (text === "true" || text === "false") return [key, text === "true"];
  return [key, Number.isNaN(Number(text)) ? text : Number(text)];
}

for (const model of ["protomask", "protopnet", "protopool", "pipnet"] as const) {
  Deno.test({
    name: `the parameters of ${model} are the published ones`,
    ignore,
    fn() {
      const [[, ...heads], ...rows] = tableBelow(HEADINGS[model]);
      const columns = heads.map((head) =>
        head.replace("cars196", "cars").replace(" NC", "-nc").replace(" ", "-")
      );
      assert.deepEqual(PUBLISHED[model].columns, columns);
      assert.equal(columns.length, 6);
      columns.forEach((column, i) => {
        const published = rows.map(([key, ...cells]) => projectForm(key, cells[i]));
        assert.deepEqual(columnOf(PUBLISHED[model], column), Object.fromEntries(published), column);
      });
    },
  });
}

Deno.test({
  name: "augmentation, seeds and validation are the published ones",
  ignore,
  fn() {
    const pipelines = [...reference.matchAll(/`(\[\[\w+, \w+\], \[\w+, \w+\]\])` \(([^)]+)\)/g)];
    const found = Object.fromEntries(
      pipelines.flatMap(([, stages, models]) =>
        models.split(", ").map((model) => [
          model.toLowerCase().replace("-", ""),
          JSON.parse(stages.replace(/\w+/g, '"$&"')),
        ])
      ),
    );
    assert.deepEqual(AUGMENTATION, found);
    assert.match(reference, new RegExp(`\\*\\*${SEEDS.join(", ")}\\*\\*`));
    assert.match(reference, new RegExp(`job file uses \\*\\*${EVAL_EVERY_N_EPOCHS.protomask}\\*\\*`));
    const { protomask: _, ...others } = EVAL_EVERY_N_EPOCHS;
    const [, baselines] = /Baseline job files use (\d+)/.exec(reference)!;
    assert.deepEqual(new Set(Object.values(others)), new Set([Number(baselines)]));
  },
});

Deno.test("a column that a table lacks is an error that lists the known ones", () => {
  assert.throws(() => columnOf(PUBLISHED.pipnet, "cub200-sam2"), /known: cub200, cub200-nc, dogs/);
  assert.equal(columnOf(PUBLISHED.protopool, "dogs-nc").warmup_epochs, 20);
});
