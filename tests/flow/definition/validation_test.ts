/** What is checked in a workflow, and how it is told: every problem at once, with the nearest known name. */
import assert from "node:assert/strict";
import { z } from "zod";
import { axis, each, file, folder } from "../../../lib/protoflow.ts";
import { expandDefinition } from "../../../lib/flow/definition/load_workflow.ts";
import { KindError } from "../../../lib/flow/definition/load_kinds.ts";
import { topologicalOrder } from "../../../lib/flow/definition/order.ts";
import { type AnyKind, defineTask } from "../../../lib/flow/kind.ts";
import { workOf } from "../../work.ts";
import { assertProblems, expanded, registryOf, tasksOf, train } from "./expansion.ts";

const images = folder("images");

Deno.test("every wrong name in a file is told, with the nearest known one", async () => {
  await assertProblems({
    tasks: {
      a: { kind: "trian", inputs: { images } },
      b: { kind: "train", params: { ler: 1, coefs: { sep: 1, clst: 1, spe: 2 } }, inputs: { image: images } },
      c: { kind: "train", inputs: { images: "bb.model" } },
      d: { kind: "train", inputs: { images: "b.modle" } },
      e: { kind: "train", inputs: { images }, outputs: ["model"] },
      f: { kind: "copies", params: { count: 0 } },
      g: { kind: "train", inputs: { images }, parms: {} },
      h: { kind: "copies", params: { count: 1 }, inputs: { part1: images }, outputs: ["x"] },
    },
    profile: {},
  }, [
    /the default export|^ {2}there is no field "profile".*did you mean profiles/,
    /task a, kind: there is no kind "trian" \(expected one of train, table, copies\); did you mean train\?/,
    /task b, params\.ler: there is no param "ler" \(.*\); did you mean lr\?/,
    /task b, params\.coefs\.spe: there is no param "spe" \(expected one of sep, clst\); did you mean sep\?/,
    /task b, inputs\.image: there is no input of kind train "image".*did you mean images\?/,
    /task b, inputs\.images: it is missing \(expected a folder of images\)/,
    /task c, inputs\.images: there is no task "bb".*did you mean b\?/,
    /task d, inputs\.images: there is no output of b "modle" \(expected one of model, log\); did you mean model\?/,
    /task e, outputs: the outputs of kind train are its own: model, log/,
    /task f, outputs: it is missing/,
    /task g: there is no field "parms".*did you mean params\?/,
    /task h, inputs\.part0: it is missing/,
    /task h, inputs\.part1: there is no input of kind copies "part1".*did you mean part0/,
  ]);
});

Deno.test("every wrong value of a param is told with what was given and expected", async () => {
  await assertProblems({
    tasks: {
      a: {
        kind: "train",
        params: { seed: 1.5, lr: "0.1", encoder: "vggg", layers: [1, "2"], coefs: { sep: 1 }, frozen: null },
        inputs: { images },
      },
      b: { kind: "copies", outputs: ["x"] },
      c: { kind: "copies", params: { count: 6 }, outputs: ["x"] },
    },
  }, [
    /task a, params\.seed: it is not valid \(given 1\.5, expected a value of type int\)/,
    /task a, params\.lr: it is not valid \(given "0\.1", expected a value of type number\)/,
    /task a, params\.encoder: .*\(given "vggg", expected "resnet" or "vgg"\)/,
    /task a, params\.layers\.1: .*given "2", expected a value of type number/,
    /task a, params\.coefs\.clst: it is missing \(expected a value of type number\)/,
    /task a, params\.frozen: .*given null, expected a value of type boolean/,
    /task b, params\.count: it is missing/,
    /task c, params\.count: .*given 6, expected number to be <=5/,
  ]);
});

Deno.test("a wrong value on an axis names the member, and all members that share it only once", async () => {
  await assertProblems({
    matrix: { lr: [0.1, -1, -2], seed: [1, 2] },
    tasks: { a: { kind: "train", params: { lr: axis("lr"), seed: axis("seed") }, inputs: { images } } },
  }, [/task a\[lr=-1,seed=1\], params\.lr: .*given -1/]);
});

Deno.test("params with axes are checked also where other things are wrong", async () => {
  await assertProblems({
    matrix: { seed: [1, 2] },
    tasks: {
      a: { kind: "train", params: { seed: axis("seed"), lr: "x" }, inputs: { images: "b.model" } },
    },
  }, [/task a, params\.lr: .*given "x"/, /task a, inputs\.images: there is no task "b"/]);
});

Deno.test("cycles are shown as paths, each once", async () => {
  await assertProblems({
    tasks: {
      a: { kind: "train", inputs: { images: "c.model" } },
      b: { kind: "train", inputs: { images: "a.model" } },
      c: { kind: "train", inputs: { images: "b.model", extra: "d.log" } },
      d: { kind: "train", inputs: { images: "d.model" } },
      e: { kind: "train", inputs: { images: "c.model" } },
    },
  }, [/task a: it depends on itself: a → c → b → a/, /task d: it depends on itself: d → d/]);
});

Deno.test("a chain of tasks longer than the call stack is put in order", () => {
  const names = Array.from({ length: 200_000 }, (_, i) => String(i));
  const order = topologicalOrder(
    names,
    (name) => name === "199999" ? [] : [String(Number(name) + 1)],
    () => assert.fail("a chain is no cycle"),
  );
  assert.deepEqual(order.slice(0, 3), ["199999", "199998", "199997"]);
});

Deno.test("references that are none are told", async () => {
  await assertProblems({
    tasks: {
      a: { kind: "train", inputs: { images: "words.txt" } },
      b: { kind: "train", inputs: { images: "model" } },
      c: { kind: "train", inputs: { images: { $file: "a\u0000b" } } },
      d: { kind: "train", inputs: { images: { $file: "a", $folder: "b" } } },
      e: { kind: "train", inputs: { images: ["e.model"], extra: each("a.model", "x") } },
      f: { kind: "table", inputs: { rows: [] } },
      g: { kind: "train", inputs: { images: 3 } },
      h: { kind: "train", inputs: { images: file("") } },
    },
  }, [
    /task a, inputs\.images: there is no task "words"/,
    /task b, inputs\.images: .*given "model", expected "task\.output"; a file of yours is file\("path"\)/,
    /task c, inputs\.images: it has the wrong form/,
    /task d, inputs\.images: it has the wrong form/,
    /task e: it depends on itself/,
    /task e, inputs\.images: it takes one output or source, not a list/,
    /task e, inputs\.extra: there is no axis "x" \(expected no axis at all\)/,
    /task e, inputs\.extra: it takes one output or source, not a list/,
    /task f, inputs\.rows: .*at least one output or source/,
    /task g, inputs\.images: .*given 3/,
    /task h, inputs\.images: it has the wrong form/,
  ]);
});

Deno.test("names that would not be file names or that look like others are refused", async () => {
  const hostile = ["", "..", "../x", "/x", "a/b", "a\\b", "a\nb", "\u0430", "a\u200b", "a b", "x".repeat(65)];
  for (const name of hostile) {
    const tasks = Object.fromEntries([[name, { kind: "train", inputs: { images } }]]);
    await assertProblems({ tasks }, [/tasks: .*expected a task named by ASCII letters/]);
    const outputs = [name, "fine"];
    await assertProblems({ tasks: { t: { kind: "copies", params: { count: 0 }, outputs } } }, [
      /task t, outputs: .*expected a list of different names/,
    ]);
    const inputs = Object.fromEntries([["images", images], [name, images]]);
    await assertProblems({ tasks: { t: { kind: "train", inputs } } }, [
      /task t, inputs: .*expected an input named by/,
    ]);
  }
  await assertProblems({ tasks: JSON.parse(`{"__proto__": {"kind": "train"}}`) }, [
    /expected a task named by/,
  ]);
  await assertProblems({ tasks: { matrix: { kind: "train", inputs: { images } } } }, [
    /matrix stands for the axes/,
  ]);
});

Deno.test("a definition of another shape is told, not thrown about", async () => {
  for (
    const value of [null, 1, "x", [], { tasks: 1 }, { tasks: { a: null } }, {
      tasks: { a: { kind: 1 } },
      matrix: [],
    }]
  ) {
    await assert.rejects(
      expandDefinition({ value, modules: [] }, "/f.ts", registryOf(train)),
      (error: Error) => error.name === "WorkflowError",
    );
  }
  await assertProblems({ tasks: {}, name: "a\nb", about: 3 }, [
    /tasks: .*at least one task/,
    /name: /,
    /about: /,
  ]);
});

Deno.test("a text of the wrong form is told with what it should be", async () => {
  const kind = defineTask({
    ...{ name: "fetch", about: "", inputs: {}, outputs: ["x"], run() {} },
    params: z.strictObject({
      url: z.url(),
      digest: z.string().regex(/^[0-9a-f]+$/, "expected hexadecimal digits"),
    }),
  });
  const value = {
    name: "test",
    about: "",
    tasks: { a: { kind: "fetch", params: { url: "x", digest: "z" } } },
  };
  await assert.rejects(
    expandDefinition({ value, modules: [] }, "/f.ts", registryOf(kind)),
    (error: Error) => {
      assert.match(error.message, /params\.url: .*given "x", expected a valid URL/);
      assert.match(error.message, /params\.digest: .*given "z", expected hexadecimal digits/);
      return true;
    },
  );
});

Deno.test("keys of params that are special in JavaScript are kept as they are", async () => {
  const definition = JSON.parse(
    `{"tasks": {"a": {"kind": "train", "params": {"__proto__": 1}, "inputs": {}}}}`,
  );
  await assertProblems(definition, [
    /params\.__proto__: there is no param "__proto__"/,
    /inputs\.images: it is missing/,
  ]);
  const constructor = { kind: "train", inputs: { images } };
  const tasks = await tasksOf({
    tasks: { constructor, b: { kind: "train", inputs: { images: "constructor.log" } } },
  });
  assert.deepEqual(Object.keys(tasks), ["constructor", "b"]);
});

Deno.test("kinds that break the rules of kinds are told apart from workflows that do", async () => {
  const rules = { about: "", inputs: "any", outputs: ["x"], run() {} } as const;
  const wrong: [AnyKind, RegExp][] = [
    [defineTask({ ...rules, name: "other", params: z.strictObject({}) }), /must export default defineTask/],
    [
      defineTask({ ...rules, name: "t", params: z.object({}) }),
      /params is an object that accepts unknown fields/,
    ],
    [
      defineTask({
        ...rules,
        name: "t",
        params: z.strictObject({ a: z.array(z.object({ b: z.int() })).default([]) }),
      }),
      /params\.a\.\* is an object/,
    ],
    [
      defineTask({ ...rules, name: "t", params: z.strictObject({}), run: undefined }),
      /one of run, program and items/,
    ],
    [
      defineTask({
        ...rules,
        name: "t",
        params: z.strictObject({ steps: z.int() }),
        chain: { steps: "steps", segment: "by", state: "x" },
      }),
      /chain\.segment is by/,
    ],
    [
      defineTask({
        ...rules,
        name: "t",
        params: z.strictObject({}),
        runFacts: { output: "page", file: "x", placeholder: "@" },
      }),
      /runFacts\.output is page, which is not one of its outputs/,
    ],
    [
      defineTask({
        ...rules,
        name: "t",
        params: z.strictObject({}),
        runFacts: { output: "x", file: "x", placeholder: "" },
      }),
      /runFacts\.placeholder is empty/,
    ],
    [
      defineTask({
        ...rules,
        name: "t",
        params: z.strictObject({}),
        published: { output: "page", file: "x" },
      }),
      /published\.output is page, which is not one of its outputs/,
    ],
  ];
  for (const [kind, pattern] of wrong) {
    const registry = { ...registryOf(), kinds: { t: () => Promise.resolve({ default: kind }) } };
    const value = { name: "x", about: "", tasks: { a: { kind: "t" } } };
    await assert.rejects(expandDefinition({ value, modules: [] }, "/f.ts", registry), (error) => {
      assert.ok(error instanceof KindError, String(error));
      assert.match(error.message, pattern);
      return true;
    });
  }
});

Deno.test("only the kinds that a workflow names are imported", async () => {
  const registry = {
    ...registryOf(train),
    kinds: { ...registryOf(train).kinds, other: () => Promise.reject(new Error("imported")) },
  };
  const value = { name: "x", about: "", tasks: { a: { kind: "train", inputs: { images } } } };
  const { tasks } = await expandDefinition({ value, modules: [] }, "/f.ts", registry);
  assert.equal(tasks.length, 1);
});

Deno.test("the work of expanding tasks grows as their number does", async () => {
  const workOfExpanding = (count: number) => {
    const tasks: Record<string, unknown> = {};
    for (let i = 0; i < count; i++) {
      tasks[`t${i}`] = {
        kind: "train",
        params: { seed: i },
        inputs: { images: i < 100 ? images : `t${i - 100}.model` },
      };
    }
    return workOf(async () => assert.equal((await expanded({ tasks })).tasks.length, count));
  };
  const few = await workOfExpanding(1000);
  const many = await workOfExpanding(10_000);
  assert.ok(many <= 11 * few, `${few} steps for 1,000 tasks, ${many} for 10,000`);
});
