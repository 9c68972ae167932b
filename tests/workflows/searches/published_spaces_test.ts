/** Every searched parameter, its distribution and its pruner are those of the reference's tables, and none is added. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { distribution } from "../../../lib/tuning/space.ts";
import {
  MODEL_SPACES,
  PRUNERS,
  SEARCH_SEED,
  SEGMENTATION_SPACES,
  TRIALS,
} from "../../../workflows/searches/published_spaces.ts";
import { sharedFolder } from "../../shared.ts";

const folder = sharedFolder();
const reference = folder === undefined ? "" : readFileSync(join(folder, "spec", "training.md"), "utf8");
const ignore = folder === undefined;
if (ignore) console.warn("skipped: published searches need ../shared/spec/training.md");

/** The text below a heading, up to the next one. */
function below(heading: string): string {
  const text = reference.slice(reference.indexOf(`\n${heading}`) + heading.length + 1);
  return text.slice(0, text.search(/\n## /));
}

/** `log 1e-5…3e-3`, or numbers with equal steps and commas, of which `…` stands for some. */
function distributionOf(cell: string): unknown {
  const text = cell.replaceAll("*", "");
  const [, low, high] = /^log (\S+)…(\S+)$/.exec(text) ?? [];
  if (low !== undefined) return { type: "float", low: Number(low), high: Number(high), log: true };
  const values = text.split(", ").filter((one) => one !== "…").map(Number);
  assert.ok(values.every(Number.isInteger), cell);
  return { type: "int", low: values[0], high: values.at(-1), step: values[1] - values[0] };
}

const MODELS = ["protomask", "protopnet", "protopool", "pipnet"] as const;

Deno.test({
  name: "the spaces and pruners of all models are the published ones",
  ignore,
  fn() {
    const rows = below("## 11. ").split("\n").filter((line) => line.startsWith("|")).map((line) =>
      line.split("|").slice(1, -1).map((cell) => cell.trim().replaceAll("`", ""))
    );
    const [heads, , ...table] = rows;
    assert.deepEqual(heads.slice(1).map((head) => head.toLowerCase().replace("-", "")), MODELS);
    MODELS.forEach((model, i) => {
      const expected: Record<string, unknown> = {};
      for (const [name, ...cells] of table) {
        const cell = cells[i] === "same" ? cells[0] : cells[i];
        if (name.startsWith("MedianPruner")) {
          const [warmupSteps, intervalSteps] = cell.replaceAll("*", "").split(" / ").map(Number);
          assert.deepEqual(PRUNERS[model], { startupTrials: 5, warmupSteps, intervalSteps }, model);
        } else if (cell !== "—") expected[name] = distributionOf(cell);
      }
      assert.deepEqual(MODEL_SPACES[model], expected, model);
    });
    assert.match(below("## 11. "), /default start-up/);
    assert.match(below("## 11. "), new RegExp(`\\[PAPER\\]\\*\\* ${TRIALS.model} trials for all models`));
    assert.match(
      below("## 11. "),
      new RegExp(`default seed ${SEARCH_SEED.protomask}.*seed ${SEARCH_SEED.others}`, "s"),
    );
  },
});

Deno.test({
  name: "the spaces of the segmentation methods are the published ones",
  ignore,
  fn() {
    const text = below("## 12. ");
    const lists = [...text.matchAll(/`(\w+)` \{([\d, ]+)\}/g)].map(([, name, choices]) =>
      [name, { type: "categorical", choices: choices.split(", ").map(Number) }] as const
    );
    assert.deepEqual(SEGMENTATION_SPACES.sam2, Object.fromEntries(lists));
    const [, low, high] = /`threshold` log-uniform (\S+)…(\S+)\. /.exec(text)!;
    assert.deepEqual(SEGMENTATION_SPACES.slit, {
      threshold: { type: "float", low: Number(low), high: Number(high), log: true },
    });
    assert.match(text, new RegExp(`\\*\\*${TRIALS.segmentation}\\*\\* trials, seed ${SEARCH_SEED.others}`));
  },
});

Deno.test("all distributions are valid", () => {
  for (const space of [...Object.values(MODEL_SPACES), ...Object.values(SEGMENTATION_SPACES)]) {
    for (const given of Object.values(space)) distribution.parse(given);
  }
});
