/** What `protoflow.json` says of Slurm, and what jobs are submitted with. */

import assert from "node:assert/strict";
import { batchesOf } from "../../../lib/flow/slurm/batches.ts";
import { jobOptions, minutesOf } from "../../../lib/flow/slurm/job_options.ts";
import { choiceFor, parseSlurmSettings } from "../../../lib/flow/slurm/settings.ts";

const parse = (given: unknown) => parseSlurmSettings(given, "FILE");
const LARGEST = { cpu: 16, memoryMB: 64_000 };
const assignment = { cpu: 2.5, memoryMB: 1000, gpus: ["0"], gpuShare: 0.5 };
const process = {};

Deno.test("what is said of a task goes before what is said of its kind, and that before all; flags are added up", () => {
  const settings = parse({
    partition: "all",
    account: "us",
    flags: ["--exclusive"],
    kinds: { joint: { partition: "gpu", time: "1-0", flags: ["--nice=10"] } },
    scratch: "$TMPDIR",
    tasks: { big: { time: "30", scratch: "/large" } },
  });
  const chosen = {
    partition: "gpu",
    account: "us",
    time: "30",
    scratch: "/large",
    flags: ["--exclusive", "--nice=10"],
  };
  assert.deepEqual(choiceFor(settings, "joint", "big[seed=1]"), chosen);
  assert.deepEqual(choiceFor(settings, "other", "small"), {
    partition: "all",
    account: "us",
    scratch: "$TMPDIR",
    flags: ["--exclusive"],
  });
});

Deno.test("settings that can't be meant are refused with the field and what is expected", () => {
  const cases: [unknown, RegExp][] = [
    [{ partion: "gpu" }, /FILE: slurm: .*partion/],
    [{ time: "soon" }, /slurm\.time: expected minutes/],
    [{ flags: ["exclusive"] }, /slurm\.flags\.0: expected an option of sbatch/],
    [{ kinds: { joint: { perJob: 0 } } }, /slurm\.kinds\.joint\.perJob/],
    [{ memoryMB: -1 }, /slurm\.memoryMB/],
    [{ scratch: "scratch" }, /slurm\.scratch: expected an absolute path on each node/],
    [
      { kinds: { joint: { scratch: "$(mktemp)" } } },
      /slurm\.kinds\.joint\.scratch: expected an absolute path/,
    ],
    [{ waitSeconds: "long" }, /slurm\.waitSeconds/],
    [[], /slurm/],
  ];
  for (const [given, message] of cases) assert.throws(() => parse(given), message, JSON.stringify(given));
  assert.deepEqual(parse(undefined), { waitSeconds: 10 });
});

Deno.test("cores are whole and no more than a node has, memory has room for our own programs, a part of a GPU is a whole one", () => {
  const { args, minutes } = jobOptions(
    { assignment, process },
    { partition: "gpu", flags: ["--nice=1"] },
    LARGEST,
  );
  const expected = [
    "--nodes=1",
    "--ntasks=1",
    "--cpus-per-task=3",
    "--partition=gpu",
    "--mem=1320M",
    "--gres=gpu:1",
  ];
  assert.deepEqual([args, minutes], [[...expected, "--nice=1"], undefined]);
  const shard = jobOptions({ assignment, process }, { shardsPerGpu: 3 }, LARGEST);
  assert.ok(shard.args.includes("--gres=shard:2"), shard.args.join(" "));
  const large = { cpu: 64, memoryMB: 128_000, gpus: ["0", "1"], gpuShare: 1 };
  const cut = jobOptions({ assignment: large, process: { ...process, timeLimitMs: 90_000 } }, {}, LARGEST);
  assert.deepEqual(cut.args.slice(2), ["--cpus-per-task=16", "--mem=64000M", "--gres=gpu:2"]);
  assert.equal(cut.minutes, 4);
  const none = jobOptions(
    { assignment: { cpu: 0, memoryMB: 0, gpus: [], gpuShare: 0 }, process },
    {},
    LARGEST,
  );
  assert.deepEqual(none.args, ["--nodes=1", "--ntasks=1", "--cpus-per-task=1"]);
});

Deno.test("times are read as Slurm reads them", () => {
  const times = { "90": 90, "1:30": 2, "2:00:00": 120, "1-2": 1560, "1-2:30": 1590, "1-00:00:30": 1441 };
  for (const [text, minutes] of Object.entries(times)) assert.equal(minutesOf(text), minutes, text);
});

Deno.test("works with the same options are one array, and share its elements only where there are more than cores", () => {
  const one = { args: ["--mem=1M"], minutes: 10 };
  const waiting = (count: number, perJob: number, options = one) =>
    Array.from({ length: count }, (_, i) => ({ path: `${options.args}${i}`, options, perJob }));
  const few = batchesOf(waiting(4, 50), 8);
  assert.deepEqual(few.map(({ elements }) => elements.map(({ length }) => length)), [[1, 1, 1, 1]]);
  assert.deepEqual(few[0].args, ["--mem=1M", "--time=10"]);
  const many = batchesOf(waiting(20, 50), 8);
  assert.deepEqual(many.map(({ elements }) => elements.map(({ length }) => length)), [[3, 3, 3, 3, 3, 3, 2]]);
  assert.deepEqual(many[0].args, ["--mem=1M", "--time=30"]);
  const large = batchesOf(waiting(20, 1), 8);
  assert.equal(large[0].elements.length, 20);
  const mixed = batchesOf([...waiting(2, 1), ...waiting(2, 1, { args: ["--mem=2M"], minutes: 10 })], 8);
  assert.deepEqual(mixed.map(({ elements }) => elements.length), [2, 2]);
  assert.deepEqual(batchesOf(waiting(1200, 1), 8).map(({ elements }) => elements.length), [500, 500, 200]);
  assert.deepEqual(batchesOf([], 8), []);
});
