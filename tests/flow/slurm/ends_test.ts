/** What becomes of jobs that end in every way: what helps is tried again, and the rest is an error that names the job. */

import assert from "node:assert/strict";
import { type Event, exists, until } from "../cli.ts";
import { slurmTest } from "./slurm_cluster.ts";
import { assertNothingLeft, digestsIn, follow, onCluster, shell, untilReached } from "./slurm_project.ts";

/** Longer than the test. */
const LONG_MS = 6_000_000;
/** So much time that more than one step fits into it. */
const LIMITED = { tasks: { timed: { time: "10" } } };

const ofTask = (events: Event[], kind: string) =>
  Object.fromEntries(
    events.filter(({ event }) => event === kind).map((event): [string, Event] => [event.id, event]),
  );

slurmTest(
  "a job that is requeued or out of memory is tried again, a chain out of time goes on from what it has done; what does not help is an error with its job",
  async (cluster) => {
    await onCluster(cluster, { slurm: LIMITED, isOpen: true }, async (project) => {
      const params = { seed: "s", steps: 4, segment: 4, longMs: LONG_MS };
      let isLimited = false;
      const timed = { kind: "hash_chain", params: { seed: "t", steps: 5, segment: 5, longMs: LONG_MS } };
      let ends = 0;
      const said = project.path("ran");
      const isSecond = `echo x >> ${said}; test $(wc -l < ${said}) -gt 1`;
      // tail keeps what has no end of line; what is left of the limit takes the programs that start it. It is kept until
      // Slurm has seen it, however seldom it looks; and where it is enough, for some looks of Slurm.
      const grow = (name: string, megabytes: number, triesInVain: number) => {
        const tries = project.path(`${name}-tries`);
        const hold = `test $(wc -l < ${tries}) -gt ${triesInVain} && sleep 4 || sleep 6000`;
        return `echo x >> ${tries}; head -c ${megabytes}000000 /dev/zero | tail | { head -c 1; ${hold}; } > all; ` +
          "echo > out/o";
      };
      project.workflow({
        requeued: shell(`${isSecond} || sleep 6000; echo > out/o`),
        cancelled: shell(": cancelled; sleep 6000; echo > out/o"),
        late: shell(": late; sleep 6000; echo > out/o"),
        chain: { kind: "hash_chain", params },
        timed,
        greedy: shell(grow("greedy", 560, 1), { memoryMB: 300 }),
        greedier: shell(grow("greedier", 1500, 2), { memoryMB: 300 }),
      });
      const events = await follow(project, (task, job) => {
        if (task === "cancelled") return cluster.call("scancel", job);
        if (task === "late") return cluster.limit(job);
        // More than two steps at once take longer than this test.
        if (task === "timed" && ends < 2) {
          return untilReached(project, ++ends).then(() =>
            ends === 1 ? cluster.call("scancel", "--batch", "--signal=USR1", job) : cluster.limit(job)
          );
        }
        if (task === "chain" && !isLimited) {
          isLimited = true;
          return cluster.limit(job);
        }
        if (task === "requeued" && !exists(project.path("again"))) {
          project.write("again", "");
          return until(() => exists(said), "the task has begun").then(() =>
            cluster.call("scontrol", "requeue", job)
          );
        }
      });
      const ended = ofTask(events, "action");
      const outcomes = Object.fromEntries(Object.values(ended).map(({ id, outcome }) => [id, outcome]));
      const expected = {
        requeued: "ran",
        cancelled: "failed",
        late: "failed",
        chain: "ran",
        timed: "ran",
        greedy: "ran",
        greedier: "failed",
      };
      assert.deepEqual(outcomes, expected, JSON.stringify(events, null, 1));
      const retried = ofTask(events, "retry");
      assert.deepEqual(Object.keys(retried).sort(), ["chain", "greedier", "greedy", "requeued"]);
      const ofMemory = /killed for want of memory \(Slurm job \d+_\d on n\d/;
      const reasons: [Event, RegExp][] = [
        [retried.requeued, /started again by Slurm.*Slurm job \d+_\d on n\d/],
        [
          ended.cancelled,
          /cancelled by hand.*Slurm job \d+_\d on n\d; what Slurm printed is in .*slurm-\d.log/,
        ],
        [ended.late, /time limit of its job \(Slurm job/],
        [retried.chain, /time limit of its job .*; goes on with fewer steps at once/],
        [retried.greedy, ofMemory],
        [retried.greedier, ofMemory],
        [ended.greedier, ofMemory],
      ];
      for (const [{ reason }, words] of reasons) assert.match(reason, words);
      await assertNothingLeft(cluster, project);

      // However it is cut, it has the same states.
      const here = project.path("here");
      project.workflow({
        chain: { kind: "hash_chain", params: { ...params, segment: 2 } },
        timed: { ...timed, params: { ...timed.params, segment: 1 } },
      });
      await project.run("--executor", "local", "--store", here);
      const [there, local] = [digestsIn(project.path("store")), digestsIn(here)];
      assert.equal(
        Object.keys(local).length,
        7,
        "the states of one after steps 2 and 4, and of the other after each",
      );
      const both = Object.keys(local).filter((key) => key in there);
      assert.equal(both.length, 5, "the states after steps 2 and 4, and after 1, 2 and 5");
      for (const key of both) assert.equal(there[key], local[key]);
    });
  },
);
