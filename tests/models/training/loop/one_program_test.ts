/** Where memory is short, one micro-batch or validation program is open at a time, and results are the same bits. */

import assert from "node:assert/strict";
import * as ort from "onnxruntime-node";
import { runEpochs } from "../../../../lib/models/training/loop/run_epochs.ts";
import { gradientProgram, LABELS } from "../../../../lib/models/training/step/batch_programs.ts";
import { optimiserGroups } from "../../../../lib/models/training/step/phase_training.ts";
import { untrained } from "../../../../lib/models/training/state/training_state.ts";
import { Room } from "../../../../lib/runtime/room.ts";
import { peakBytes } from "../../../../lib/tensor/memory.ts";
import { tinyModel, tinyRun } from "../tiny_training.ts";

/** Runs `work` and gives its result, and the most sessions with labels as input that were open at once. */
async function countingSessions<T>(
  work: () => Promise<T>,
): Promise<{ result: T; most: number; made: number }> {
  const { create } = ort.InferenceSession;
  let [open, most, made] = [0, 0, 0];
  const counting = async (...given: Parameters<typeof create>) => {
    const session = await create.apply(ort.InferenceSession, given);
    if (!session.inputNames.includes(LABELS)) return session;
    made++;
    most = Math.max(most, ++open);
    const release = session.release.bind(session);
    session.release = () => (open--, release());
    return session;
  };
  Object.assign(ort.InferenceSession, { create: counting });
  try {
    const result = await work();
    assert.equal(open, 0, "all sessions are released at the end");
    return { result, most, made };
  } finally {
    Object.assign(ort.InferenceSession, { create });
  }
}

Deno.test("where memory is short, one program is open at a time, with the same result", async () => {
  const start = untrained(tinyModel.initialState(7));
  // Ten images in batches of four, validated every second epoch in batches of four and two: four shapes of programs.
  const settings = { threads: 1, validateEvery: 2 };
  const enough = await countingSessions(() => runEpochs(start, tinyRun(4, settings)));
  const short = await countingSessions(() =>
    runEpochs(start, tinyRun(4, { ...settings, room: new Room(1) }))
  );
  assert.equal(enough.most, 4);
  assert.equal(enough.made, 4);
  assert.equal(short.most, 1);
  assert.ok(short.made > enough.made);
  assert.deepEqual(short.result, enough.result);
});

Deno.test("programs that fit beside each other stay open", async () => {
  const moved = optimiserGroups(tinyModel, "joint").flatMap(({ parameters }) => parameters);
  const { program } = gradientProgram(tinyModel, "joint", moved, [4, 2, 3, 32, 32], 2);
  const room = new Room(4 * peakBytes(program));
  const start = untrained(tinyModel.initialState(7));
  const { most, made } = await countingSessions(() => runEpochs(start, tinyRun(4, { threads: 1, room })));
  assert.deepEqual([most, made], [4, 4]);
});
