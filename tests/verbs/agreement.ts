/** What `predict` says of test images, compared with their evaluation; and the tasks that both need. */

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type IndexedSample, readDataSetIndex } from "../../lib/data/data_set_index.ts";
import type { Evaluation } from "../../lib/evaluate/evaluation_file.ts";
import type { Event } from "../flow/cli.ts";
import type { Run } from "../tasks/run.ts";

/** A backbone that is trained in no time. */
export const BACKBONE = { weights: "random", block: "basic", layers: [1, 1], width: 8 };

const SIZE = { width: 32, height: 32 };

/** The views of both splits, as tasks `<name>-train` and `<name>-test`. */
export function viewTasks(name: string, params: object, inputs: object) {
  return Object.fromEntries(
    ["train", "test"].map((split) => [`${name}-${split}`, {
      kind: "crop-views",
      params: { split, ...params, ...SIZE },
      inputs: { data: "data.data", ...inputs },
    }]),
  );
}

/** Evaluates a model on test views. */
export function evaluationTask(views: string, model: string) {
  return {
    kind: "evaluate",
    params: { techniques: ["general"], k: 2, fidelity: "intended" },
    inputs: { data: "data.data", views: `${views}.views`, model: `${model}.model` },
  };
}

/**
 * Asserts that each line of `predict --json` has the classes of the evaluation, with the same logits in the same order.
 *
 * @param ids of the test images, of which the photographs are copies named `<id>.png`
 */
export function assertAgrees(
  lines: readonly Event[],
  ids: readonly number[],
  { samples, classes }: Evaluation,
): void {
  assert.equal(lines.length, ids.length);
  const byFile = new Map(lines.map((line) => [line.photograph.replace(/.*\//, ""), line]));
  for (const id of ids) {
    const sample = samples.find((one) => one.id === id)!;
    const line = byFile.get(`${id}.png`)!;
    sample.classes.forEach(({ label, logit }, rank) => {
      const found = line.classes[rank];
      assert.equal(found.name, classes[label]);
      assert.ok(
        Math.abs(found.logit - logit) <= 1e-5 * Math.max(1, Math.abs(logit)),
        `${found.logit}, ${logit}`,
      );
    });
    const total = line.classes.reduce((sum: number, { probability }: Event) => sum + probability, 0);
    assert.ok(Math.abs(total - 1) < 1e-9);
    const { prototypes, rest, logits } = line.decision;
    const sum = prototypes.reduce((sum: number, one: Event) => sum + one.score * one.weights[0], rest[0]);
    assert.ok(Math.abs(sum - logits[0]) <= 1e-4 * Math.max(1, Math.abs(logits[0])));
  }
}

/** A folder with a copy of each test image of the data set of `run`, and their ids. */
export async function testPhotographs(run: Run): Promise<{ folder: string; tests: IndexedSample[] }> {
  const data = await run.get("data", "data");
  const tests = readDataSetIndex(data).samples.filter(({ split }) => split === "test");
  const folder = join(run.folder, "photos");
  mkdirSync(folder);
  tests.forEach(({ id, image }) => copyFileSync(join(data, image), join(folder, `${id}.png`)));
  return { folder, tests };
}
