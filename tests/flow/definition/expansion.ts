/** Kinds for tests, and expansion of a definition that is given as data. */
import assert from "node:assert/strict";
import { z } from "zod";
import { expandDefinition } from "../../../lib/flow/definition/load_workflow.ts";
import type { ExpandedTask, ExpandedWorkflow } from "../../../lib/flow/definition/expanded.ts";
import { WorkflowError } from "../../../lib/flow/definition/workflow_error.ts";
import { type AnyKind, defineTask, type KindRegistry } from "../../../lib/flow/kind.ts";

export const train = defineTask({
  name: "train",
  about: "fits a model",
  params: z.strictObject({
    seed: z.int().default(0),
    lr: z.number().positive().default(0.1),
    encoder: z.enum(["resnet", "vgg"]).default("resnet"),
    layers: z.array(z.int()).default([1]),
    coefs: z.strictObject({ sep: z.number(), clst: z.number() }).default({ sep: -0.08, clst: 0.8 }),
    frozen: z.boolean().default(false),
    note: z.string().optional(),
  }),
  inputs: { images: { about: "a folder of images" }, extra: { about: "more images", optional: true } },
  outputs: ["model", "log"],
  run() {},
});

const table = defineTask({
  name: "table",
  about: "gathers figures",
  params: z.strictObject({}),
  inputs: { rows: { about: "figures", many: true } },
  outputs: ["csv"],
  run() {},
});

const copies = defineTask({
  name: "copies",
  about: "takes as many inputs as it is told",
  params: z.strictObject({ count: z.int().max(5) }),
  inputs: ({ count }) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`part${i}`, { about: `part ${i}` }])),
  outputs: "declared",
  run() {},
});

export function registryOf(...kinds: AnyKind[]): KindRegistry {
  const entries = kinds.map((kind) => [kind.name, () => Promise.resolve({ default: kind })] as const);
  return { folder: new URL("./", import.meta.url), kinds: Object.fromEntries(entries) };
}

export const registry = registryOf(train, table, copies);

export interface Choice {
  profile?: string;
  set?: string[];
}

export function expanded(definition: object, choice: Choice = {}): Promise<ExpandedWorkflow> {
  const value = { name: "test", about: "", ...definition };
  return expandDefinition({ value, modules: ["/flows/test.ts"] }, "/flows/test.ts", registry, choice);
}

export async function tasksOf(
  definition: object,
  choice: Choice = {},
): Promise<Record<string, ExpandedTask>> {
  const { tasks } = await expanded(definition, choice);
  return Object.fromEntries(tasks.map((task) => [task.id, task]));
}

/** The lines of the error, each to be matched by one pattern, in any order. */
export async function assertProblems(
  definition: object,
  patterns: RegExp[],
  choice: Choice = {},
): Promise<void> {
  await assert.rejects(expanded(definition, choice), (error) => {
    assert.ok(error instanceof WorkflowError, String(error));
    const [head, ...lines] = error.message.split("\n");
    assert.match(head, /^\/flows\/test\.ts: /);
    for (const pattern of patterns) {
      const i = lines.findIndex((line) => pattern.test(line));
      assert.ok(i >= 0, `${pattern} matches none of:\n${lines.join("\n")}`);
      lines.splice(i, 1);
    }
    assert.deepEqual(lines, []);
    return true;
  });
}
