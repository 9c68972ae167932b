/** A wrong name in a workflow file is an error of the type checker, inside and outside of the project. */
import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import {
  axis,
  before,
  defineWorkflow,
  each,
  file,
  ownModel,
  value,
  withKinds,
} from "../../../lib/protoflow.ts";
import type hashChain from "../kinds/hash_chain.ts";

// Each line after an expectation is an error in an editor; were it none, this file would not pass its type check.
defineWorkflow({
  name: "types",
  about: "every kind of reference that is right",
  matrix: { seed: [1, 2], arch: { small: { depth: 1 }, large: { depth: 2 } } },
  exclude: [{ seed: 1, arch: "large" }],
  tasks: {
    one: {
      kind: "command",
      params: { argv: ["x", axis("seed")] },
      inputs: { a: file("a") },
      outputs: ["o", "p"],
    },
    two: {
      kind: "command",
      params: { argv: ["x", axis("arch.depth")], env: { SEED: axis("seed"), ARCH: axis("arch") } },
      inputs: { a: "one.p", b: ["one.o", file("b")] },
      outputs: ["q"],
    },
    all: {
      kind: "command",
      params: { argv: ["x", value("one.o", "a.b", "text")], env: { N: value("one.o", "n", 1) } },
      inputs: { a: each("two.q", "seed", "arch"), b: before("two.q", "seed", 1) },
      outputs: ["r"],
    },
    trained: {
      kind: "project",
      inputs: { state: file("state"), views: file("views") },
      mayFail: ["NotFiniteError"],
    },
    tuned: {
      kind: "fine-tune",
      params: { seed: axis("seed"), model: { name: "protopnet" } },
      inputs: { state: "trained.state", views: file("views") },
      stop: {
        kind: "median-rule",
        params: { reports: { step: "epoch", value: "accuracy" }, warmupSteps: axis("seed") },
        inputs: { rivals: before("tuned.log", "seed", 1) },
      },
    },
  },
  profiles: { smoke: { one: { argv: ["y"] }, matrix: { seed: [1] } } },
});

defineWorkflow({
  name: "own",
  about: "a model of one's own",
  tasks: {
    start: {
      kind: "warm-up",
      params: { seed: 1, model: ownModel({ name: "mine", depth: 4 }), backbone: { weights: "random" } },
      inputs: { views: file("views") },
    },
  },
});

const rest = { name: "types", about: "one mistake" } as const;
const params = { argv: ["x"] } as const;
const right = { kind: "command", params, outputs: ["o"] } as const;
const inputs = { state: file("state"), views: file("views") } as const;
const seeds = { ...rest, matrix: { s: [1] } } as const;

// @ts-expect-error no such kind
defineWorkflow({ ...rest, tasks: { a: { kind: "comand", params, outputs: ["o"] } } });
// @ts-expect-error no such param
defineWorkflow({ ...rest, tasks: { a: { ...right, params: { argv: ["x"], envv: {} } } } });
// @ts-expect-error a param is missing
defineWorkflow({ ...rest, tasks: { a: { ...right, params: {} } } });
// @ts-expect-error a param of another type
defineWorkflow({ ...rest, tasks: { a: { ...right, params: { argv: "x" } } } });
// @ts-expect-error no such task
defineWorkflow({ ...rest, tasks: { a: right, b: { ...right, inputs: { i: "c.o" } } } });
// @ts-expect-error no such output
defineWorkflow({ ...rest, tasks: { a: right, b: { ...right, inputs: { i: "a.p" } } } });
// @ts-expect-error no such output in a fan-in
defineWorkflow({ ...seeds, tasks: { a: right, b: { ...right, inputs: { i: each("a.p", "s") } } } });
// @ts-expect-error no such axis in a fan-in
defineWorkflow({ ...seeds, tasks: { a: right, b: { ...right, inputs: { i: each("a.o", "t") } } } });
// @ts-expect-error no such axis in a param
defineWorkflow({ ...seeds, tasks: { a: { ...right, params: { argv: [axis("t")] } } } });
// @ts-expect-error no axis at all
defineWorkflow({ ...rest, tasks: { a: { ...right, params: { argv: [axis("t")] } } } });
// @ts-expect-error no such axis in a param that is an object of optional fields, or a text
defineWorkflow({ ...seeds, tasks: { a: { kind: "project", params: { fidelity: axis("t") }, inputs } } });
// @ts-expect-error no such output behind a value
defineWorkflow({ ...rest, tasks: { a: right, b: { ...right, params: { argv: [value("a.p", "x", "y")] } } } });
// @ts-expect-error an example of another type
defineWorkflow({ ...rest, tasks: { a: right, b: { ...right, params: { argv: value("a.o", "x", 1) } } } });
// @ts-expect-error no such axis of earlier members
defineWorkflow({ ...seeds, tasks: { a: right, b: { ...right, inputs: { i: before("a.o", "t", 1) } } } });
const tuned = { kind: "fine-tune", params: { seed: 1, model: { name: "protopnet" } }, inputs } as const;
const reports = { step: "epoch", value: "accuracy" } as const;
const rule = { kind: "median-rule", params: { reports } } as const;
defineWorkflow({ ...rest, tasks: { a: { ...tuned, stop: rule } } });
// @ts-expect-error no such kind to stop it
defineWorkflow({ ...rest, tasks: { a: { ...tuned, stop: { ...rule, kind: "median" } } } });
// @ts-expect-error no such param of what stops it
defineWorkflow({ ...rest, tasks: { a: { ...tuned, stop: { ...rule, params: { reports, warmup: 1 } } } } });
// @ts-expect-error no such output for what stops it
defineWorkflow({ ...rest, tasks: { a: { ...tuned, stop: { ...rule, inputs: { rivals: ["a.o"] } } } } });
// @ts-expect-error its log is the chain's
defineWorkflow({ ...rest, tasks: { a: { ...tuned, stop: { ...rule, inputs: { log: file("x") } } } } });
// @ts-expect-error no such field of what stops it
defineWorkflow({ ...rest, tasks: { a: { ...tuned, stop: { ...rule, cores: 1 } } } });
// @ts-expect-error no list of failures
defineWorkflow({ ...rest, tasks: { a: { ...tuned, mayFail: "NotFiniteError" } } });
// @ts-expect-error no such field of a task
defineWorkflow({ ...rest, tasks: { a: { ...right, input: {} } } });
// @ts-expect-error the outputs are missing
defineWorkflow({ ...rest, tasks: { a: { kind: "command", params } } });
// @ts-expect-error no such task in a profile
defineWorkflow({ ...rest, tasks: { a: right }, profiles: { p: { b: {} } } });
// @ts-expect-error no such param in a profile
defineWorkflow({ ...rest, tasks: { a: right }, profiles: { p: { a: { argw: [] } } } });
// @ts-expect-error no such axis in a combination
defineWorkflow({ ...seeds, exclude: [{ t: 1 }], tasks: { a: right } });
// @ts-expect-error no such field of a workflow
defineWorkflow({ ...rest, task: {}, tasks: { a: right } });

const spread = defineWorkflow({
  ...seeds,
  tasks: { a: { ...right, params: { argv: ["x", axis("s")] } }, c: { ...right, inputs: { i: "a.o" } } },
});
// A workflow may take over the tasks and axes of another.
defineWorkflow({
  ...rest,
  matrix: { ...spread.matrix, t: [1] },
  tasks: { ...spread.tasks, b: { ...right, inputs: { i: each("a.o", "s") } } },
  result: "b.o",
});
const lost = { ...right, inputs: { i: "a.p" } } as const;
// @ts-expect-error no such output of a task that was taken over
defineWorkflow({ ...rest, matrix: spread.matrix, tasks: { ...spread.tasks, b: lost } });

const withChain = withKinds<{ "hash-chain": typeof hashChain }>();
withChain({
  ...rest,
  tasks: {
    a: right,
    b: { kind: "hash-chain", params: { seed: "s", steps: 2 } },
    c: { ...right, inputs: { i: "b.state" } },
  },
});
// @ts-expect-error no such param of a kind of one's own
withChain({ ...rest, tasks: { b: { kind: "hash-chain", params: { seed: "s", step: 2 } } } });

const project = resolve(import.meta.dirname!, "../../..");

/** The output of a type check of workflows in a folder outside of the project, by file. */
async function check(files: Record<string, string>): Promise<{ success: boolean; output: string }> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(join(folder, name), text);
    // As a folder outside of the project does it: its own configuration borrows the project's import map.
    await Deno.writeTextFile(
      join(folder, "deno.json"),
      JSON.stringify({ importMap: join(project, "deno.json") }),
    );
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", ...Object.keys(files)],
      cwd: folder,
      env: { NO_COLOR: "1" },
    }).output();
    return { success, output: new TextDecoder().decode(stderr) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const flow = (kind: string, input: string) => `
  import { defineWorkflow, file } from "protoflow";
  export default defineWorkflow({
    name: "outside", about: "", tasks: {
      a: { kind: "${kind}", params: { argv: ["x"] }, inputs: { i: file("i") }, outputs: ["o"] },
      b: { kind: "command", params: { argv: ["x"] }, inputs: { i: "${input}" }, outputs: ["o"] },
    },
  });`;

Deno.test("of workflows outside of the project, those with a wrong name fail the type check, a right one passes", async () => {
  const { success, output } = await check({
    "right.ts": flow("command", "a.o"),
    "kind.ts": flow("comand", "a.o"),
    "output.ts": flow("command", "a.p"),
  });
  assert.ok(!success);
  assert.match(output, /"comand"' is not assignable to type '.*"command".*'\.[^]*kind\.ts/);
  assert.match(output, /Type '"a\.p"' is not assignable[^]*output\.ts:6:64/);
  assert.doesNotMatch(output, /at .*right\.ts/);
});
