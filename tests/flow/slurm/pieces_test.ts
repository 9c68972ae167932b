/** A segment in a job of limited time: how its steps are divided, and what it ends with. */

import assert from "node:assert/strict";
import { join } from "node:path";
import type { KindJob } from "../../../lib/flow/job/kind_job.ts";
import type { ProcessResult } from "../../../lib/flow/process/process.ts";
import { placeReached, runInPieces } from "../../../lib/flow/slurm/pieces.ts";

const MINUTE_MS = 60_000;

interface Given {
  readonly to: number;
  readonly minutesLeft: number;
  /** What a step takes, also of those that it is not expected to. */
  readonly stepMinutes: number;
  readonly stepMs?: number;
  /** The signal comes while this step is done. */
  readonly noticeAt?: number;
  readonly fails?: number;
}

/** The pieces, each `from-to<state`, and the result, with a clock that only steps move. */
async function pieces(
  given: Given,
): Promise<{ ran: string[]; result: ProcessResult; out: string; kept: number[] }> {
  const folder = Deno.makeTempDirSync();
  try {
    const jobFile = join(folder, "tmp/run.json");
    Deno.mkdirSync(join(folder, "tmp"));
    Deno.mkdirSync(join(folder, "out"));
    const mode = { do: "run", chain: { from: 2, to: given.to, state: "FIRST" } };
    Deno.writeTextFileSync(jobFile, JSON.stringify({ mode, outFolder: join(folder, "out") }));
    const [ran, kept]: [string[], number[]] = [[], []];
    const notice = new AbortController();
    let left = given.minutesLeft * MINUTE_MS;
    const run = (signal?: AbortSignal): Promise<ProcessResult> => {
      const job: KindJob = JSON.parse(Deno.readTextFileSync(jobFile));
      assert.ok(job.mode.do === "run" && job.mode.chain !== undefined);
      const { from, to, state } = job.mode.chain;
      ran.push(`${from}-${to}<${state!.replace(`${folder}/tmp/`, "")}`);
      const ms = (to - from) * given.stepMinutes * MINUTE_MS;
      left -= ms;
      if (given.noticeAt !== undefined && from < given.noticeAt && given.noticeAt <= to) notice.abort();
      const result = { ms, cpuMs: ms, peakBytes: to };
      if (signal?.aborted) return Promise.resolve({ ...result, reason: { kind: "interrupted" } });
      if (given.fails !== undefined && given.fails <= to) {
        return Promise.resolve({ ...result, reason: { kind: "exit", code: 1 } });
      }
      Deno.writeTextFileSync(join(job.outFolder, "state"), String(to));
      return Promise.resolve({ ...result, reason: { kind: "ok" } });
    };
    const result = await runInPieces({
      jobFile,
      at: (path) => path,
      chain: { state: "state", stepMs: given.stepMs },
      leftMs: () => left,
      notice: notice.signal,
      run,
      keep: ({ reached }) => Promise.resolve(void kept.push(reached!)),
    });
    if (result.reached !== undefined) {
      const process = { argv: [], env: {}, cwd: folder, logFile: "" };
      placeReached({ process, jobFile }, result.reached);
      placeReached({ process, jobFile }, result.reached);
    }
    const out = [...Deno.readDirSync(join(folder, "out"))].map(({ name }) =>
      Deno.readTextFileSync(join(folder, "out", name))
    ).join();
    return { ran, result, out, kept };
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("one step tells how many more fit into the time; the state after the last of them is the result", async () => {
  const all = await pieces({ to: 8, minutesLeft: 60, stepMinutes: 2 });
  assert.deepEqual(all.ran, ["2-3<FIRST", "3-8<out-3/state"]);
  assert.deepEqual([all.result.reached, all.out, all.result.ms, all.result.peakBytes], [
    8,
    "8",
    12 * MINUTE_MS,
    8,
  ]);
  const some = await pieces({ to: 100, minutesLeft: 30, stepMinutes: 4 });
  assert.deepEqual(some.ran, ["2-3<FIRST", "3-7<out-3/state", "7-8<out-7/state"]);
  assert.deepEqual([some.result.reached, some.out, some.kept], [8, "8", [3, 7, 8]]);
  const known = await pieces({ to: 8, minutesLeft: 60, stepMinutes: 2, stepMs: 2 * MINUTE_MS });
  assert.deepEqual(known.ran, ["2-8<FIRST"]);
  assert.equal(known.out, "8");
});

Deno.test("one step at least is done, however little time there is", async () => {
  const { ran, result } = await pieces({ to: 8, minutesLeft: 1, stepMinutes: 5, stepMs: 5 * MINUTE_MS });
  assert.deepEqual([ran, result.reached], [["2-3<FIRST"], 3]);
});

Deno.test("at the signal the segment ends with the last state, or after its first piece; a failure stays one", async () => {
  const later = await pieces({ to: 8, minutesLeft: 60, stepMinutes: 2, noticeAt: 5 });
  assert.deepEqual([later.result.reason.kind, later.result.reached, later.out], ["ok", 3, "3"]);
  const first = await pieces({ to: 8, minutesLeft: 60, stepMinutes: 2, noticeAt: 3 });
  assert.deepEqual([first.ran, first.result.reached], [["2-3<FIRST"], 3]);
  const failed = await pieces({ to: 8, minutesLeft: 60, stepMinutes: 2, fails: 5 });
  assert.deepEqual([failed.result.reason, failed.result.reached], [{ kind: "exit", code: 1 }, undefined]);
});
