/** Equal states are equal bytes, and damaged files of a state are named. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { EpochRecord } from "../../../../lib/models/training/state/epoch_record.ts";
import { readState, writeState } from "../../../../lib/models/training/state/state_files.ts";
import { untrained } from "../../../../lib/models/training/state/training_state.ts";
import { tinyDescription, tinyModel } from "../tiny_training.ts";

const record: EpochRecord = {
  epoch: 0,
  phase: "warmup",
  rates: { backbone: 1e-3 },
  train: { loss: 2, accuracy: 0.25 },
  saved: true,
  validation: { loss: 3, accuracy: 0.5 },
};
const state = { ...untrained(tinyModel.initialState(7)), history: [record] };

function backwards<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).reverse()) as T;
}

async function inFolder(body: (path: string) => void): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    body(join(folder, "state"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const texts = (path: string) =>
  ["model.json", "epochs.jsonl"].map((name) => readFileSync(join(path, name), "utf8"));

Deno.test("the order of the fields of a description or an epoch makes no difference to the bytes", async () => {
  await inFolder((path) => {
    writeState(path, state, tinyDescription);
    const written = texts(path);
    Deno.removeSync(path, { recursive: true });
    writeState(path, { ...state, history: [backwards(record)] }, backwards(tinyDescription));
    assert.deepEqual(texts(path), written);
    const read = readState(path);
    Deno.removeSync(path, { recursive: true });
    writeState(path, read.state, read.description);
    assert.deepEqual(texts(path), written);
  });
});

for (
  const [file, text, message] of [
    [
      "training.json",
      '{"phase": null, "epochs": -1, "steps": 0, "bar": 0}',
      /training\.json: epochs: .*-1 was given/,
    ],
    ["epochs.jsonl", `${JSON.stringify({ ...record, phase: "joined" })}\n`, /epochs\.jsonl, line 1: phase: /],
    ["model.json", JSON.stringify({ ...tinyDescription, format: "another" }), /model\.json: format: /],
  ] as const
) {
  Deno.test(`${file} with a value that is not expected is named with its field`, async () => {
    await inFolder((path) => {
      writeState(path, state, tinyDescription);
      Deno.writeTextFileSync(join(path, file), text);
      assert.throws(() => readState(path), message);
    });
  });
}
