/** `runs` and `status`: all runs of a store, with what they were asked for and what came out. */

import assert from "node:assert/strict";
import { exists, inOpenProject, inProject, type Project, resultOf, until } from "../cli.ts";

const sh = (script: string, more: object = {}) => {
  return { kind: "command", params: { argv: ["sh", "-c", script], ...more }, outputs: ["o"] };
};

/** Two figures that follow from the seed; another rate only makes other keys. */
function seeds(project: Project): void {
  const axis = { $axis: "seed" };
  project.workflow({
    train: sh("echo $SEED > out/o", { env: { SEED: axis, RATE: "1" } }),
    evaluate: {
      ...sh(`printf '{"Accuracy":%s0,"loss":0.%s,"note":"text"}' $(cat in/o) $(cat in/o) > out/figures`),
      inputs: { o: "train.o" },
      outputs: ["figures"],
    },
  }, { matrix: { seed: [1, 3] }, profiles: { smoke: { matrix: { seed: [1] } } } });
}

Deno.test("runs lists profile, overrides, seeds and figures over seeds; columns can be chosen and sorted", async () => {
  await inProject(async (project) => {
    seeds(project);
    await project.run();
    await project.run("--profile", "smoke");
    await project.run("--set", "train.env.RATE=2", "--set", "matrix.seed=1,2,3");
    const { out } = await project.call("runs");
    const [head, full, smoke, set] = out.split("\n");
    assert.match(head, /^run +when +workflow +profile +overrides +seeds +Accuracy +loss +time +state$/);
    assert.match(full, /^\d{8}-.{15} +20..-..-.. ..:.. +probe +1 3 +20 ± 14 +0\.2000 ± 0\.1414 +.* s +done$/);
    assert.match(smoke, / probe +smoke +1 +10 +0\.1000 /);
    assert.match(set, / probe +train\.env\.RATE=2 matrix\.seed=1,2,3 +1 2 3 +20 ± 10 /);

    const chosen = await project.call("runs", "probe", "--columns", "accuracy,profile", "--sort", "seeds");
    assert.equal(chosen.out, "Accuracy  profile\n10        smoke\n20 ± 10\n20 ± 14\n");
    const reverse = await project.call("runs", "--columns", "Accuracy", "--sort", "seeds", "--reverse");
    assert.equal(reverse.out, "Accuracy\n20 ± 14\n20 ± 10\n10\n");
    const unknown = await project.call("runs", "--columns", "acuracy");
    assert.deepEqual([unknown.code, unknown.out], [2, ""]);
    assert.match(unknown.err, /no column "acuracy"; did you mean "Accuracy"\?/);
    assert.match(
      (await project.call("runs", "prob")).err,
      /no run of workflow "prob"; did you mean "probe"\?/,
    );

    const { events } = await project.call("runs", "./probe.ts", "--json");
    assert.deepEqual(events.map(({ profile, set }) => [profile, set]), [
      [undefined, []],
      ["smoke", []],
      [undefined, ["train.env.RATE=2", "matrix.seed=1,2,3"]],
    ]);
    assert.deepEqual(events[0].figures.Accuracy.values, { 1: 10, 3: 30 });
    const csv = (await project.call("runs", "--csv", "--columns", "overrides,Accuracy")).out;
    assert.deepEqual(csv.split("\n").slice(0, 4), [
      "overrides,Accuracy,Accuracy std",
      `,20,${Math.SQRT2 * 10}`,
      ",10,",
      '"train.env.RATE=2 matrix.seed=1,2,3",20,10',
    ]);
  });
});

Deno.test("a run with further axes has a row for each of their variants, also where its results were reused", async () => {
  await inProject(async (project) => {
    project.workflow({
      evaluate: {
        ...sh(`printf '{"x":%s}' $SEED$VIEWS > out/figures`, {
          env: { SEED: { $axis: "seed" }, VIEWS: { $axis: "views" } },
        }),
        outputs: ["figures"],
      },
    }, { matrix: { views: [3, 5], seed: [1, 2] } });
    await project.run();
    await project.run();
    const { out } = await project.call("runs", "--columns", "variant,seeds,x");
    const rows = ["views=3  1 2    18 ± 7", "views=5  1 2    20 ± 7"];
    assert.equal(out, ["variant  seeds  x", ...rows, ...rows, ""].join("\n"));
  });
});

Deno.test("figures of results from before they were noted are found in the results", async () => {
  await inProject(async (project) => {
    seeds(project);
    await project.run();
    Deno.removeSync(project.path("store/history/figures"), { recursive: true });
    assert.match((await project.call("runs")).out, / 20 ± 14 /);
    assert.ok(exists(project.path("store/history/figures/probe.jsonl")), "and noted");
  });
});

Deno.test("status names profile and overrides, and lists a running run behind any number of later ones", async () => {
  await inOpenProject(async (project) => {
    const gate = project.path("gate");
    project.workflow(
      {
        slow: sh(
          `touch ${gate}.there; [ -z "$WAIT" ] || while [ ! -e ${gate}.go ]; do sleep 0.01; done; echo > out/o`,
          { env: { WAIT: "" } },
        ),
      },
      { profiles: { long: { slow: { env: { WAIT: "yes" } } } } },
    );
    const child = project.spawn("run", "probe.ts", "--profile", "long", "--set", "slow.env.WAIT=1");
    await until(() => exists(`${gate}.there`), "the task runs");
    for (let n = 0; n < 12; n++) await project.run();
    const { out } = await project.call("status");
    assert.match(out, /^\S+ +probe --profile long --set slow\.env\.WAIT=1 +running .*\n {2}slow /);
    assert.match(out, /\n2 earlier runs: deno task runs\n$/);
    const listed = (await project.call("status", "--json")).events;
    assert.deepEqual([listed.length, listed[0].state], [11, "running"]);
    assert.match((await project.call("runs", "--columns", "state")).out, /^state\nrunning\n(done\n){12}$/);
    project.write("gate.go", "");
    await resultOf(child);
  });
});

Deno.test("a run of another machine is running as long as it is heard of", async () => {
  await inProject(async (project) => {
    project.workflow({ a: sh("echo > out/o") });
    const { run } = (await project.run()).events.at(-1)!;
    const record = project.path(`store/runs/${run}.jsonl`);
    const [head] = Deno.readTextFileSync(record).split("\n");
    const elsewhere = JSON.parse(head);
    elsewhere.owner.machine = "another";
    Deno.writeTextFileSync(record, `${JSON.stringify(elsewhere)}\n`);
    assert.match((await project.call("status")).out, / running /);
    Deno.utimeSync(record, 1e9, 1e9);
    assert.match((await project.call("status")).out, / silent /);
  });
});
