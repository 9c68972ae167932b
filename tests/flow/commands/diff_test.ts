/** `diff`: two runs side by side, in a screenful or with every value. */

import assert from "node:assert/strict";
import { differingValues } from "../../../lib/flow/commands/differing_values.ts";
import { figureDifferences } from "../../../lib/flow/commands/figure_differences.ts";
import { jsonLeaves } from "../../../lib/flow/commands/json_leaves.ts";
import { inProject, type Project } from "../cli.ts";

const sh = (script: string, inputs: object = {}, env: object = {}, outputs = ["o"]) => {
  return { kind: "command", params: { argv: ["sh", "-c", script], env }, inputs, outputs };
};

async function runIn(project: Project, ...args: string[]): Promise<string> {
  return (await project.run(...args)).events.at(-1)!.run;
}

Deno.test("diff tells causes, not their consequences, and the figures with differences over seeds", async () => {
  await inProject(async (project) => {
    project.write("words.txt", "one");
    const seed = { $axis: "seed" };
    project.workflow({
      words: sh("cat in/x > out/o", { x: "file:words.txt" }),
      train: sh("echo $SEED $RATE > out/o; cat in/w >> out/o", { w: "words.o" }, { SEED: seed, RATE: "1" }),
      evaluate: sh(
        `read s r < in/o; printf '{"Accuracy":%d.5,"same":7}' $((s * 10 + r * r)) > out/figures`,
        { o: "train.o" },
        {},
        ["figures"],
      ),
    }, { matrix: { seed: [1, 2, 3] } });
    const first = await runIn(project);
    project.write("words.txt", "two");
    const second = await runIn(project, "--set", "train.env.RATE=3", "--set", "matrix.seed=2,3,4");
    const { out } = await project.call("diff", first, second);
    assert.equal(
      out.replaceAll(/ +/g, " "),
      `first ${first} probe done
second ${second} probe --set train.env.RATE=3 --set matrix.seed=2,3,4 done
causes
 train (2 members) param env.RATE: "1" → "3"
 words input x (x) changed
 evaluate[seed=1] only in the first run
 evaluate[seed=4] only in the second run
 train[seed=1] only in the first run
 train[seed=4] only in the second run
figures (± over seeds) first second difference
 Accuracy 21.50 ± 10.00 39.50 ± 10.00 +8.00 ± 0.00
1 figure is the same
9 of 9 tasks differ; --full tells each with its values
`,
    );
    const full = await project.call("diff", first, "last", "--full");
    assert.match(
      full.out,
      /\nevaluate\[seed=2\]\n {2}input o \(o\) changed\n {2}output figures .*\n {2}figures\.Accuracy +21\.5 +29\.5\n/,
    );
    const { events } = await project.call("diff", first, second, "--json", "--full");
    assert.deepEqual(events.find(({ id }) => id === "evaluate[seed=3]")!.values, {
      figures: { Accuracy: [31.5, 39.5] },
    });
    const figure = events.find(({ event, name }) => event === "figure" && name === "Accuracy")!;
    assert.deepEqual(figure.difference, { mean: 8, std: 0 });
    assert.match(
      (await project.call("diff", second, second)).out,
      /\n2 figures are the same\n0 of 7 tasks differ\n$/,
    );
  });
});

Deno.test("however many causes and figures there are, diff fits a screen", async () => {
  await inProject(async (project) => {
    const figures = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`figure ${i}`, i]));
    const define = (factor: string) =>
      project.workflow(Object.fromEntries(Array.from({ length: 30 }, (_, i) => [
        `t${i}`,
        i > 0 ? sh(`echo ${factor} > out/o`) : sh(
          `echo '${JSON.stringify(figures)}' | sed 's/:/:${factor}/g' > out/figures`,
          {},
          {},
          ["figures"],
        ),
      ])));
    define("1");
    const first = await runIn(project);
    define("2");
    const { out } = await project.call("diff", first, await runIn(project));
    assert.ok(out.split("\n").length <= 40, out);
    assert.match(out, /… and 18 more\n[^]*… and 40 more\n30 of 30 tasks differ/);
    const { out: full } = await project.call("diff", first, "last", "--full");
    assert.match(full, /figure 59 +159 +259 /);
  });
});

Deno.test("figures of other seeds are compared by their means, and their variances add up", () => {
  const variant = (values: Record<string, number>, mean: number, std?: number) => [
    { task: "evaluate", member: "", figures: { x: { mean, std, values } } },
  ];
  const [apart] = figureDifferences(variant({ 1: 1, 2: 7 }, 4, 3), variant({ 3: 6, 4: 14 }, 10, 4));
  assert.deepEqual(apart.difference, { mean: 6, std: 5 });
  const [single] = figureDifferences(variant({ "": 1 }, 1), variant({ "": 3 }, 3));
  assert.deepEqual(single.difference, { mean: 2 });
});

Deno.test("the values of JSON files are found by their paths, whatever their order and nesting", () => {
  const a = piecesOf(`{"x": [1, {"y": "t", "n": null}, []], "": {"k": true}, "gone": 0, "z": 5}`);
  const b = piecesOf(`{"z": 5, "": {"k": false}, "x": [1, {"n": null, "y": "u"}, [], 9], "é": -1e-3}`);
  assert.deepEqual([...jsonLeaves(a)], [
    ["x.0", 1],
    ["x.1.y", "t"],
    ["x.1.n", null],
    [".k", true],
    ["gone", 0],
    ["z", 5],
  ]);
  assert.deepEqual(Object.fromEntries(differingValues(a, b)), {
    "x.1.y": ["t", "u"],
    ".k": [true, false],
    gone: [0, undefined],
    "x.3": [undefined, 9],
    "é": [undefined, -0.001],
  });
  for (const text of ["1 2", "{", "text", "\0\0", '{"a":1}x', ""]) {
    assert.deepEqual([...differingValues(a, piecesOf(text))], [], text);
  }
  assert.deepEqual([...differingValues(piecesOf("1"), piecesOf("2"))], [["", [1, 2]]]);
});

Deno.test("a JSON file of many megabytes is compared value by value", () => {
  const rows = (last: number) =>
    `[${
      Array.from({ length: 60_000 }, (_, i) => `{"id":${i},"name":"${"x".repeat(40)}"}`).join(",\n")
    },${last}]`;
  assert.ok(rows(1).length > 3_000_000);
  assert.deepEqual([...differingValues(piecesOf(rows(1), 1 << 16), piecesOf(rows(2), 1 << 16))], [[
    "60000",
    [1, 2],
  ]]);
});

/** The bytes of a file as they are read, also where a letter is in two pieces. */
function piecesOf(text: string, size = 7): Uint8Array[] {
  const bytes = new TextEncoder().encode(text);
  return Array.from(
    { length: Math.ceil(bytes.length / size) },
    (_, i) => bytes.slice(i * size, (i + 1) * size),
  );
}
