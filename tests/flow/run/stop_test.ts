/** Chains that are told to stop, failures that are a result, and what follows either. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { inProject, outcomes, type Project, type Result } from "../cli.ts";

const STEPS = 9;

interface Settings {
  readonly segment?: number;
  readonly steps?: number;
  /** The first step at which the rule applies; without it nothing may stop the chain. */
  readonly from?: number;
  readonly answer?: string;
  readonly diverges?: number;
  readonly mayFail?: unknown;
}

const command = (script: string | unknown[], inputs: object) => ({
  kind: "command",
  params: { argv: typeof script === "string" ? ["sh", "-c", script] : script },
  inputs,
  outputs: ["o"],
});

/** A chain with a rival that is better at some steps; what follows takes its state, or a value of a result of that. */
function search(
  project: Project,
  { segment = 2, steps = STEPS, from, answer, diverges, mayFail }: Settings = {},
): void {
  const rival = Array.from({ length: STEPS }, (_, i) => ({ step: i + 1, value: valueOf(2, i + 1) }));
  project.write("rival.log", rival.map((line) => `${JSON.stringify(line)}\n`).join(""));
  project.workflow({
    train: {
      kind: "curve",
      params: { seed: 0, steps, segment, ...(diverges !== undefined && { diverges }) },
      ...(from !== undefined && {
        stop: {
          kind: "below_rivals",
          params: { from, ...(answer && { answer }) },
          inputs: { rivals: ["file:rival.log"] },
        },
      }),
      ...(mayFail !== undefined && { mayFail }),
    },
    size: command("echo '{\"size\": '$(wc -c < in/state)'}' > out/o", { state: "train.state" }),
    after: command(["sh", "-c", "echo $1 > out/o", "x", { $value: "size.o", path: "size", example: 3 }], {}),
  });
}

/** What the kind `curve` logs. */
function valueOf(seed: number, step: number): number {
  return createHash("sha256").update(`${seed} ${step}`).digest()[0];
}

async function passes(project: Project, ...args: string[]): Promise<Result> {
  const run = await project.run(...args);
  assert.equal(run.code, 0, run.out + run.err);
  return run;
}

const reasonOf = (run: Result, task: string): string =>
  run.events.find(({ event, id }) => event === "action" && id === task)!.reason;

const isReused = (run: Result) => Object.values(outcomes(run)).every((outcome) => outcome === "reused");

/** The text of an output of a run, from the store. */
function textOf(project: Project, run: Result, output: string, store = "store"): string {
  const [task, name] = output.split(".");
  const { key } = run.events.find(({ event, id }) => event === "action" && id === task)!;
  const record = project.read(`${store}/records/${key.slice(0, 2)}/${key}`);
  const { digest } = JSON.parse(record.slice(record.indexOf("{"))).outputs[name].file;
  return project.read(`${store}/blobs/${digest.slice(0, 2)}/${digest}`);
}

const PRUNED = '{"ended":"pruned"}\n';
const FAILED = '{"ended":"failed"}\n';

Deno.test("however a chain is cut, it is told to stop with the same log, and what follows passes it on", async () => {
  await inProject(async (project) => {
    const logs = new Set<string>();
    for (const segment of [1, 3, 20]) {
      const store = `store-${segment}`;
      search(project, { segment, from: 3 });
      const run = await passes(project, "--store", project.path(store));
      const last = Math.min(Math.ceil(4 / segment) * segment, STEPS);
      assert.match(reasonOf(run, "train"), RegExp(`^told to stop after step ${last};`));
      assert.match(reasonOf(run, "size"), /^pruned, as what it depends on;/);
      logs.add(textOf(project, run, "train.log", store));
      for (const output of ["train.state", "size.o", "after.o"]) {
        assert.equal(textOf(project, run, output, store), PRUNED, output);
      }
      assert.ok(isReused(await passes(project, "--store", project.path(store))));
    }
    assert.equal(logs.size, 1);
    assert.match([...logs][0], /^({"step":[1-4],"value":\d+}\n){4}$/);
  });
});

Deno.test("states are those of a chain without rivals, whichever was there first", async () => {
  await inProject(async (project) => {
    search(project, { from: 3 });
    await passes(project);
    search(project);
    const free = await passes(project);
    assert.match(reasonOf(free, "train"), /^goes on from step 4;/);
    search(project, { from: 3 });
    assert.equal(outcomes(await passes(project)).train, "reused");
    // Of a rule that never applies the end is that of the free chain, without a step.
    search(project, { from: 10 });
    const never = await passes(project);
    assert.equal(outcomes(never).train, "ran");
    assert.equal(textOf(project, never, "train.state"), textOf(project, free, "train.state"));
    // The intermediate states are gone by now, and the verdict is the same.
    search(project, { from: 4, segment: 3 });
    const again = await passes(project);
    assert.match(reasonOf(again, "train"), /^told to stop after step 9;/);
    assert.match(textOf(project, again, "train.log"), /^({"step":[1-4],"value":\d+}\n){4}$/);
    const rebuilt = await project.call("verify", "probe.ts", "--rebuild");
    assert.equal(rebuilt.code, 0, rebuilt.out + rebuilt.err);
  });
});

Deno.test("of a stopped chain its end is kept, also by gc, and a later rule goes on from there", async () => {
  await inProject(async (project) => {
    search(project, { from: 3 });
    await passes(project);
    const states = () =>
      [...Deno.readDirSync(project.path("store/blobs"))].flatMap((shard) =>
        [...Deno.readDirSync(project.path(`store/blobs/${shard.name}`))].map(({ name }) =>
          project.read(`store/blobs/${shard.name}/${name}`)
        )
      ).filter((text) => text.startsWith('["')).map((text) => JSON.parse(text).length);
    assert.deepEqual(states(), [4]);
    assert.equal((await project.call("gc")).code, 0);
    assert.deepEqual(states(), [4]);
    assert.ok(isReused(await passes(project)));
    search(project, { from: 5 });
    assert.match(reasonOf(await passes(project), "train"), /^told to stop after step 8;/);
    assert.deepEqual(states(), [8]);
  });
});

Deno.test("a failure that the workflow allows is a result, kept as such; any other one fails", async () => {
  await inProject(async (project) => {
    search(project, { diverges: 5, mayFail: ["OtherError"] });
    assert.equal((await project.run()).code, 1);
    search(project, { diverges: 5, mayFail: ["DivergedError"] });
    const run = await passes(project);
    assert.match(reasonOf(run, "train"), /^failed, which is a result here: no value at step 5;/);
    for (const output of ["train.log", "size.o", "after.o"]) {
      assert.equal(textOf(project, run, output), FAILED, output);
    }
    assert.ok(isReused(await passes(project)));
    search(project, { diverges: 5 });
    assert.equal((await project.run()).code, 1, "without leave it still fails");
    for (const [code, expected] of [[3, 0], [4, 1]]) {
      project.workflow({ one: { ...command("exit 3", {}), mayFail: [code] } });
      assert.equal((await project.run()).code, expected);
    }
  });
});

Deno.test("what can't stop a chain, or answers otherwise, is told by field", async () => {
  await inProject(async (project) => {
    const stop = { kind: "below_rivals" };
    const refused: [object, RegExp][] = [
      [{ ...command("true", {}), stop }, /kind command is no chain with an output log/],
      [{
        kind: "curve",
        params: { seed: 1, steps: 2 },
        stop: { kind: "curve", params: { seed: 1, steps: 2 } },
      }, /kind curve can't stop a chain.*verdict and log/s],
      [
        { kind: "curve", params: { seed: 1, steps: 2 }, stop: { ...stop, inputs: { rivals: ["x.log"] } } },
        /inputs\.rivals.*"x"/s,
      ],
      [{ kind: "curve", params: { seed: 1, steps: 2 }, stop: { ...stop, params: { form: 1 } } }, /form/],
      [{ kind: "curve", params: { seed: 1, steps: 2 }, stop: { ...stop, device: "cpu" } }, /device/],
      [{ kind: "curve", params: { seed: 1, steps: 2 }, mayFail: "x" }, /mayFail.*names of errors/s],
    ];
    for (const [task, message] of refused) {
      project.workflow({ one: task });
      const { code, err } = await project.run();
      assert.equal(code, 2, String(message));
      assert.match(err, message);
    }
    search(project, { from: 3, answer: '{"stop": 1}' });
    const run = await project.run();
    assert.equal(run.code, 1);
    assert.match(reasonOf(run, "train"), /kind below_rivals, the output verdict: expected/);
    search(project, { from: 3 });
    const set = await project.run("--set", "train.stop.from=5");
    assert.equal(set.code, 0, set.out + set.err);
    assert.match(reasonOf(set, "train"), /told to stop after step 8/);
  });
});
