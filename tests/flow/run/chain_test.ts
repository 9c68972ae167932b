/** Chains: however they are cut, resumed or prolonged, the states and their keys are the same. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { inProject, outcomes, type Project } from "../cli.ts";

function expectedState(seed: string, steps: number): string {
  let value = seed;
  for (let i = 0; i < steps; i++) value = createHash("sha256").update(value).digest("hex");
  return value;
}

function chain(project: Project, steps: number, segment: number): void {
  project.workflow({ train: { kind: "hash_chain", params: { seed: "s", steps, segment } } });
}

async function state(
  project: Project,
  ...args: string[]
): Promise<{ key: string; state: string; log: string }> {
  const folder = `got-${crypto.randomUUID()}`;
  const { err, code } = await project.call("get", "probe.ts", "train.state", folder, ...args);
  assert.equal(code, 0, err);
  const [{ key }] = (await project.call("show", "probe.ts", "train", "--json", ...args)).events;
  const log = (await project.call("log", "probe.ts", "train", ...args)).out;
  return { key, state: project.read(`${folder}/state`), log };
}

Deno.test("the same digest and key however a chain is cut", async () => {
  await inProject(async (project) => {
    const results = [];
    for (const segment of [1, 3, 7, 20]) {
      chain(project, 7, segment);
      const store = ["--store", project.path(`store-${segment}`)];
      const run = await project.run(...store);
      assert.equal(run.code, 0, run.err + run.out);
      const { key, state: value } = await state(project, ...store);
      results.push({ key, value });
    }
    assert.equal(results[0].value, expectedState("s", 7));
    for (const result of results) assert.deepEqual(result, results[0]);
  });
});

Deno.test("more steps reuse all earlier ones, another segment length reuses the result", async () => {
  await inProject(async (project) => {
    chain(project, 6, 4);
    assert.deepEqual(outcomes(await project.run()), { train: "ran" });
    assert.equal((await state(project)).log, "steps 1 to 4\nsteps 5 to 6\n");

    chain(project, 9, 4);
    const longer = await project.run();
    assert.match(
      longer.events.find(({ event }) => event === "action")!.reason,
      /^goes on from step 6; steps 6 → 9$/,
    );
    const { state: value, log } = await state(project);
    assert.equal(value, expectedState("s", 9));
    const since = "steps 7 to 8\nsteps 9 to 9\n";
    assert.equal(log, `steps 1 to 4\nsteps 5 to 6\n${since}`, "segments end at multiples of their length");

    chain(project, 9, 2);
    assert.deepEqual(outcomes(await project.run()), { train: "reused" });
    chain(project, 6, 4);
    assert.deepEqual(outcomes(await project.run()), { train: "reused" });
    assert.equal((await state(project)).state, expectedState("s", 6));
  });
});

Deno.test("a damaged state is not gone on from", async () => {
  await inProject(async (project) => {
    chain(project, 4, 4);
    await project.run();
    const shown = (await project.call("show", "probe.ts", "train", "--json")).events[0];
    const { digest } = shown.record.outputs.state.file;
    const blob = project.path(`store/blobs/${digest.slice(0, 2)}/${digest}`);
    Deno.chmodSync(blob, 0o644);
    Deno.writeTextFileSync(blob, "0".repeat(64));

    chain(project, 6, 4);
    const run = await project.run();
    assert.equal(run.code, 0, run.err + run.out);
    assert.equal((await state(project)).state, expectedState("s", 6));
  });
});

Deno.test("a chain without steps gives its first state, from which longer ones do not differ", async () => {
  await inProject(async (project) => {
    chain(project, 0, 4);
    assert.deepEqual(outcomes(await project.run()), { train: "ran" });
    assert.equal((await state(project)).state, "s");
    assert.deepEqual(outcomes(await project.run()), { train: "reused" });

    chain(project, 3, 4);
    assert.deepEqual(outcomes(await project.run()), { train: "ran" });
    assert.equal((await state(project)).state, expectedState("s", 3));
  });
});

Deno.test("a chain of fewer than no steps is refused", async () => {
  await inProject(async (project) => {
    chain(project, -1, 4);
    const run = await project.run();
    assert.equal(run.code, 1);
    assert.match(run.events.find(({ event }) => event === "action")!.reason, /steps = -1/);
  });
});

/** The step of each state of the chain whose bytes are in the store. */
function keptSteps(project: Project, most: number): number[] {
  const texts = [...Deno.readDirSync(project.path("store/blobs"))].flatMap((shard) =>
    [...Deno.readDirSync(project.path(`store/blobs/${shard.name}`))].map(({ name }) =>
      project.read(`store/blobs/${shard.name}/${name}`)
    )
  );
  return Array.from({ length: most }, (_, i) => i + 1).filter((step) =>
    texts.includes(expectedState("s", step))
  );
}

async function reasonToRun(project: Project): Promise<string> {
  const run = await project.run();
  assert.equal(run.code, 0, run.err + run.out);
  return run.events.find(({ event }) => event === "action")!.reason;
}

Deno.test("a chain that has ended keeps its end alone; it is prolonged from there, and its ends stay", async () => {
  await inProject(async (project) => {
    chain(project, 7, 2);
    await reasonToRun(project);
    assert.deepEqual(keptSteps(project, 9), [7]);
    assert.equal((await state(project)).log, "steps 1 to 2\nsteps 3 to 4\nsteps 5 to 6\nsteps 7 to 7\n");
    for (const args of [["verify"], ["verify", "probe.ts", "--frozen"], ["why", "probe.ts", "train"]]) {
      const { code, err, out } = await project.call(...args);
      assert.equal(code, 0, args.join(" ") + err + out);
    }
    assert.deepEqual(outcomes(await project.run()), { train: "reused" });

    chain(project, 9, 1);
    assert.match(await reasonToRun(project), /^goes on from step 7;/);
    assert.deepEqual(keptSteps(project, 9), [7, 9]);
    chain(project, 7, 1);
    assert.deepEqual(outcomes(await project.run()), { train: "reused" });

    chain(project, 4, 2);
    const planned = await project.call("plan", "probe.ts");
    assert.match(planned.out, /the state after step 4 was not kept when a longer chain had ended/);
    await reasonToRun(project);
    assert.equal((await state(project)).state, expectedState("s", 4));
    const rebuilt = await project.call("verify", "probe.ts", "--rebuild");
    assert.equal(rebuilt.code, 0, rebuilt.out + rebuilt.err);
    assert.equal((await project.call("gc")).code, 0);
    assert.deepEqual(outcomes(await project.run()), { train: "reused" });
  });
});

Deno.test("a chain whose length and seed are values of a result is the same chain, and keeps its end alone", async () => {
  await inProject(async (project) => {
    const pick = {
      kind: "command",
      params: { argv: ["sh", "-c", `echo '{"steps": 7, "seed": "s"}' > out/o`] },
      outputs: ["o"],
    };
    const from = (path: string, example: unknown) => ({ $value: "pick.o", path, example });
    const params = { seed: from("seed", "x"), steps: from("steps", 3), segment: 2 };
    project.workflow({ pick, train: { kind: "hash_chain", params } });
    const run = await project.run();
    assert.equal(run.code, 0, run.err + run.out);
    assert.deepEqual(keptSteps(project, 9), [7]);
    chain(project, 7, 3);
    assert.deepEqual(outcomes(await project.run()), { train: "reused" });
  });
});

Deno.test("milestones are kept, also by gc, and are no part of a key", async () => {
  await inProject(async (project) => {
    const train = (steps: number, milestones?: unknown) =>
      project.workflow({
        train: { kind: "hash_chain", params: { seed: "s", steps, segment: 4 }, milestones },
      });
    train(9, [3, 8]);
    await reasonToRun(project);
    assert.equal(
      (await state(project)).log,
      [[1, 3], [4, 4], [5, 8], [9, 9]].map((part) => `steps ${part.join(" to ")}\n`).join(""),
    );
    assert.deepEqual(keptSteps(project, 9), [3, 8, 9]);
    assert.equal((await project.call("gc")).code, 0);
    assert.deepEqual(keptSteps(project, 9), [3, 8, 9]);
    train(9);
    assert.deepEqual(outcomes(await project.run()), { train: "reused" });
    train(5);
    assert.match(await reasonToRun(project), /^goes on from step 3;/);
    for (const wrong of [[0], [1.5], "3", 3]) {
      train(5, wrong);
      const { code, err } = await project.run();
      assert.equal(code, 2);
      assert.match(err, /milestones.*a list of steps, each a whole number from 1/s);
    }
  });
});

Deno.test("tasks that share a chain keep each other's ends", async () => {
  await inProject(async (project) => {
    const train = (steps: number) => ({ kind: "hash_chain", params: { seed: "s", steps, segment: 2 } });
    project.workflow({ long: train(9), short: train(4), middle: train(7) });
    const run = await project.run("--jobs", "3");
    assert.equal(run.code, 0, run.err + run.out);
    assert.deepEqual(keptSteps(project, 9), [4, 7, 9]);
    assert.deepEqual(outcomes(await project.run()), { long: "reused", short: "reused", middle: "reused" });
  });
});

Deno.test("tasks whose params come from results keep each other's ends too, whichever ends first", async () => {
  await inProject(async (project) => {
    const pick = {
      kind: "command",
      params: { argv: ["sh", "-c", `echo '{"long": 9, "short": 4}' > out/o`] },
      outputs: ["o"],
    };
    const train = (path: string, segment: number) => ({
      kind: "hash_chain",
      params: { seed: "s", steps: { $value: "pick.o", path, example: 3 }, segment },
    });
    for (const jobs of ["1", "2"]) {
      const store = ["--store", project.path(`store-${jobs}`)];
      project.workflow({ pick, long: train("long", 2), short: train("short", 2) });
      const run = await project.run("--jobs", jobs, ...store);
      assert.equal(run.code, 0, run.err + run.out);
      const again = outcomes(await project.run(...store));
      assert.deepEqual(again, { pick: "reused", long: "reused", short: "reused" });
    }
  });
});
