/** Every kind that computes on a device asks for it and is given it; the others are not bound to it. */

import assert from "node:assert/strict";
import { fingerprintKind } from "../../lib/flow/fingerprint/remembered.ts";
import {
  call,
  type KindName,
  KINDS,
  type Recorded,
  recordedUnder,
  shareOf,
  writeKinds,
} from "./recorded_kinds.ts";
import { gpuShare } from "../../lib/flow/key/compute.ts";
import { METHODS } from "../../lib/segment/methods.ts";
import { registry } from "../../tasks/kinds.ts";
import { inProject, type Project, type Result } from "../flow/cli.ts";

const TRAININGS: readonly KindName[] = ["warm-up", "joint", "fine-tune"];
const SEEDS = [1, 2];

Deno.test("a kind has a demand for a GPU if and only if its code reaches a numeric runtime", async () => {
  const memory = Deno.makeTempDirSync();
  try {
    const reaching: string[] = [];
    for (const name of KINDS) {
      const { code: { packages } } = await fingerprintKind(name, registry, memory);
      if (Object.keys(packages).some((name) => /^(?:npm:)?onnxruntime-node\b/.test(name))) {
        reaching.push(name);
      }
    }
    assert.ok(reaching.length > 5, `only ${reaching} were found`);
    const asking: string[] = [];
    for (const name of KINDS) if (await shareOf(name) > 0) asking.push(name);
    assert.deepEqual(asking, reaching);
    for (const name of TRAININGS) assert.equal(await shareOf(name), 1, name);
  } finally {
    Deno.removeSync(memory, { recursive: true });
  }
});

Deno.test("of the methods of segment those with a network ask for a part of a GPU", async () => {
  const asking: string[] = [];
  for (const { params: { shape: { name } } } of METHODS) {
    const task = { kind: "segment", params: { method: { name: name.value } } };
    if (await gpuShare(task as never, registry.demands!) > 0) asking.push(name.value);
  }
  assert.deepEqual(asking.sort(), ["mobile-sam", "sam2", "slit"]);
});

Deno.test("with two GPUs every kind that computes is given ids, never more than there is, and the others none", async () => {
  await inProject(async (folder) => {
    const project = folder.withEnvironment({ CUDA_VISIBLE_DEVICES: "0,GPU-1", NVIDIA_TF32_OVERRIDE: "1" });
    await writeKinds(project);
    writeAll(project);
    const run = await call(project, "run", "probe.ts", "--json", "--device", "cuda");
    assert.equal(run.code, 0, run.err + run.out);
    const held: (Recorded & { share: number })[] = [];
    for (const name of KINDS) {
      const share = await shareOf(name);
      for (const seed of SEEDS) {
        const id = `${name}[seed=${seed}]`;
        const recorded = recordedUnder(project, keyOf(run, id));
        for (const { device, gpus, visible, tf32, order, cpu } of recorded) {
          assert.equal(device, share > 0 ? "cuda" : "cpu", name);
          assert.equal(gpus.length, share > 0 ? 1 : 0, name);
          assert.equal(visible, gpus.join());
          // What the user's environment says of precision is not passed on.
          assert.equal(tf32, share > 0 ? "0" : undefined, name);
          assert.equal(order, share > 0 ? "PCI_BUS_ID" : undefined, name);
          assert.ok(cpu >= (share > 0 ? 1 : 0));
        }
        held.push(...recorded.map((one) => ({ ...one, share })));
      }
    }
    requireNoneTwice(held);
    const gpus = new Set(held.flatMap(({ gpus }) => gpus));
    assert.deepEqual([...gpus].sort(), ["0", "GPU-1"]);
  });
});

Deno.test("two seeds of a training run side by side on two GPUs, however few cores there are", async () => {
  await inProject(async (folder) => {
    const project = folder.withEnvironment({ CUDA_VISIBLE_DEVICES: "0,1" });
    await writeKinds(project);
    project.workflow({ joint: taskOf("joint") }, { matrix: { seed: SEEDS } });
    const run = await call(project, "run", "probe.ts", "--json", "--device", "cuda", "--jobs", "2");
    assert.equal(run.code, 0, run.err + run.out);
    const [one, other] = SEEDS.map((seed) => recordedUnder(project, keyOf(run, `joint[seed=${seed}]`))[0]);
    assert.deepEqual([...one.gpus, ...other.gpus].sort(), ["0", "1"]);
    assert.ok(one.from < other.to && other.from < one.to, "they ran one after the other");
  });
});

Deno.test("on WebGPU, which takes an adapter of its own choice, one task computes at a time, and a run says so", async () => {
  await inProject(async (folder) => {
    const project = folder.withEnvironment({ CUDA_VISIBLE_DEVICES: "0,1" });
    await writeKinds(project);
    const tasks = { joint: taskOf("joint"), project: taskOf("project"), evaluate: taskOf("evaluate") };
    project.workflow(tasks, { matrix: { seed: SEEDS } });
    const run = await call(project, "run", "probe.ts", "--json", "--device", "webgpu");
    assert.equal(run.code, 0, run.err + run.out);
    assert.match(run.err, /WebGPU can't be told which adapter to use: tasks run on it one at a time/);
    const ids = run.events.filter(({ event }) => event === "action").map(({ id }) => id);
    assert.equal(ids.length, 6);
    requireNoneTwice(
      ids.flatMap((id) => recordedUnder(project, keyOf(run, id)).map((one) => ({ ...one, share: 1 }))),
    );
  });
});

Deno.test("tasks have devices of their own, by the command line or by the workflow; where none is, an error says it", async () => {
  await inProject(async (folder) => {
    const project = folder.withEnvironment({ CUDA_VISIBLE_DEVICES: "7" });
    await writeKinds(project);
    const tasks = { joint: taskOf("joint"), project: { ...taskOf("project"), device: "cuda" } };
    project.workflow(tasks, { matrix: { seed: [1] } });
    const run = await call(project, "run", "probe.ts", "--json", "--device", "joint=webgpu");
    assert.equal(run.code, 0, run.err + run.out);
    const devices = { joint: "webgpu", project: "cuda" } as const;
    for (const [name, device] of Object.entries(devices)) {
      const [recorded] = recordedUnder(project, keyOf(run, `${name}[seed=1]`));
      assert.equal(recorded.device, device);
      // Both devices may be the same GPU, which is not given out twice.
      assert.deepEqual(recorded.gpus, ["7"]);
    }
    const none = project.withEnvironment({ CUDA_VISIBLE_DEVICES: "" });
    const failed = await call(none, "run", "probe.ts", "joint", "--json", "--device", "cuda");
    assert.equal(failed.code, 1);
    assert.match(failed.out, /asks for 1 gpu of the 0 here/);
    const unknown = await call(project, "plan", "probe.ts", "--device", "jiont=cuda");
    assert.equal(unknown.code, 2);
    assert.match(unknown.err, /no task "jiont"; did you mean "joint"/);
  });
});

Deno.test("precision is a param in the key, and the engine sets what CUDA's libraries read", async () => {
  await inProject(async (folder) => {
    const project = folder.withEnvironment({ CUDA_VISIBLE_DEVICES: "0", NVIDIA_TF32_OVERRIDE: "0" });
    await writeKinds(project);
    const plan = async (precision: string | undefined, device: string) => {
      project.workflow({ joint: taskOf("joint", precision) }, { matrix: { seed: [1] } });
      return await call(project, "plan", "probe.ts", "--json", "--device", device);
    };
    const planned = async (precision: string | undefined) => (await plan(precision, "cuda")).events[0].key;
    assert.equal(
      await planned("fp32"),
      await planned(undefined),
      "fp32 is what a task without the param has",
    );
    assert.notEqual(await planned("tf32"), await planned("fp32"));
    const refused = await plan("tf32", "cpu");
    assert.equal(refused.code, 2);
    assert.match(
      refused.err,
      /task joint\[seed=1\]: the param precision is tf32, which only the device cuda has/,
    );
    await plan("tf32", "cuda");
    const run = await call(project, "run", "probe.ts", "--json", "--device", "cuda");
    assert.equal(run.code, 0, run.err + run.out);
    assert.equal(recordedUnder(project, keyOf(run, "joint[seed=1]"))[0].tf32, "1");
  });
});

function taskOf(kind: KindName, precision?: string) {
  const params = { seed: { $axis: "seed" }, ...(precision !== undefined && { precision }) };
  return { kind, params };
}

/** The key of an action that ran. */
const keyOf = ({ events }: Result, id: string): string =>
  events.find((event) => event.event === "action" && event.id === id)!.key;

function writeAll(project: Project): void {
  const tasks = Object.fromEntries(KINDS.map((kind) => [kind, taskOf(kind)]));
  project.workflow(tasks, { matrix: { seed: SEEDS } });
}

/** At no time are more parts of a GPU held than it has. */
function requireNoneTwice(held: readonly (Recorded & { readonly share: number })[]): void {
  for (const { from: now } of held) {
    for (const gpu of new Set(held.flatMap(({ gpus }) => gpus))) {
      const users = held.filter(({ gpus, from, to }) => gpus.includes(gpu) && from <= now && now < to);
      const used = users.reduce((sum, { share }) => sum + share, 0);
      assert.ok(used <= 1 + 1e-9, `${used} of GPU ${gpu} are held`);
    }
  }
}
