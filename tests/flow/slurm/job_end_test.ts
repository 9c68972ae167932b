/** What Slurm's words mean: its queue, its nodes, and why a job has ended. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { parseNodes, parseQueue } from "../../../lib/flow/slurm/commands.ts";
import { hasEnded, isWaiting, reasonOf } from "../../../lib/flow/slurm/job_end.ts";

Deno.test("a queue is read with its elements and times, and nodes are counted once", () => {
  const text = "12|3|protoflow-x|RUNNING|None|n1|1-02:03:04\n13|N/A|other|PENDING|Resources||0:00\n";
  const [running, pending] = parseQueue(text, 100_000_000);
  const since = 100_000_000 - 93_784_000;
  assert.deepEqual(running, {
    job: "12",
    element: 3,
    name: "protoflow-x",
    state: "RUNNING",
    reason: "None",
    node: "n1",
    since,
  });
  assert.deepEqual([pending.element, pending.reason, pending.since], [0, "Resources", undefined]);
  assert.deepEqual(parseQueue("", 0), []);
  const nodes =
    "n1|4|8000|gpu:1\nn1|4|8000|gpu:1\nn2|16|64000+|gpu:a100:4(S:0-1),shard:8\nn3|2|1000|(null)\n";
  assert.deepEqual(parseNodes(nodes), {
    cpu: 22,
    memoryMB: 73_000,
    gpus: 5,
    largest: { cpu: 16, memoryMB: 64_000 },
  });
});

Deno.test("each end of a job is told apart, with the job, its node and its log", () => {
  const ends = {
    PREEMPTED: "preempted",
    NODE_FAIL: "node-failed",
    BOOT_FAIL: "node-failed",
    OUT_OF_MEMORY: "out-of-memory",
    TIMEOUT: "time-limit",
    DEADLINE: "time-limit",
    CANCELLED: "cancelled",
    COMPLETED: "lost",
    FAILED: "failed",
    REVOKED: "failed",
  };
  for (const [state, how] of Object.entries(ends)) {
    const queued = { job: "7", element: 2, name: "", state, reason: "NonZeroExitCode", node: "n1" };
    assert.ok(hasEnded(queued) && !isWaiting(queued), state);
    const reason = reasonOf({ queued, node: "n1", job: "7_2", log: "/no/log" });
    assert.equal(reason.how, how);
    assert.match(reason.message, /\(Slurm job 7_2 on n1; what Slurm printed is in \/no\/log\)/);
  }
  for (const state of ["PENDING", "REQUEUED", "RUNNING", "COMPLETING", "SUSPENDED"]) {
    assert.ok(!hasEnded({ state }), state);
  }
  assert.equal(reasonOf({ job: "7_2", log: "/no/log" }).how, "lost");
});

Deno.test("a job that Slurm has killed for its memory without cgroups is known by its log", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const log = join(folder, "log");
    Deno.writeTextFileSync(
      log,
      "slurmstepd-n1: error: StepId=4.batch exceeded memory limit (5 > 4), being killed\n",
    );
    const queued = {
      job: "4",
      element: 0,
      name: "",
      state: "FAILED",
      reason: "JobLaunchFailure",
      node: "n1",
    };
    assert.equal(reasonOf({ queued, job: "4_0", log }).how, "out-of-memory");
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
