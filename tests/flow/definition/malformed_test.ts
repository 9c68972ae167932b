/** Definitions of any form end in expanded tasks or in a WorkflowError, never in another error. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { axis, each, file, folder } from "../../../lib/protoflow.ts";
import { expandDefinition } from "../../../lib/flow/definition/load_workflow.ts";
import { WorkflowError } from "../../../lib/flow/definition/workflow_error.ts";
import { registry } from "./expansion.ts";

const sound = {
  name: "sound",
  about: "before it is changed",
  matrix: { seed: [1, 2], arch: { small: { lr: 0.5 }, large: { lr: 0.1 } } },
  include: [{ seed: 9, arch: "small" }],
  exclude: [{ seed: 1, arch: "large" }],
  tasks: {
    a: {
      kind: "train",
      params: { seed: axis("seed"), coefs: { sep: 1, clst: 2 } },
      inputs: { images: folder("x") },
    },
    b: { kind: "train", params: { lr: axis("arch.lr") }, inputs: { images: "a.model", extra: file("y") } },
    c: { kind: "table", inputs: { rows: [each("b.log", "seed"), "a.log"] } },
    d: { kind: "copies", params: { count: 1 }, inputs: { part0: "c.csv" }, outputs: ["o"], cores: 2 },
  },
  profiles: { smoke: { a: { coefs: { sep: 3 } }, matrix: { seed: [1] } } },
};

/** Every path of keys to a part of a value. */
function pathsIn(value: unknown, above: string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [above];
  return [above, ...Object.entries(value).flatMap(([key, part]) => pathsIn(part, [...above, key]))];
}

/** A copy with the part at a path replaced. */
function replaced(value: unknown, path: readonly string[], part: unknown): unknown {
  if (path.length === 0) return part;
  const copy = structuredClone(value) as Record<string, unknown>;
  let at = copy;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
  at[path.at(-1)!] = part;
  return copy;
}

/** Values that mean something in another place of a workflow, and any others. */
const part = fc.oneof(
  fc.constantFrom(
    ...pathsIn(sound).map((path) => path.reduce<unknown>((at, key) => (at as never)[key], sound)),
  ),
  fc.jsonValue(),
);
const change = fc.tuple(fc.constantFrom(...pathsIn(sound)), part);
const setting = fc.oneof(
  fc.tuple(
    fc.constantFrom("a.seed", "a.coefs", "a.coefs.sep", "b.lr", "matrix.seed", "matrix.arch", "c.x"),
    fc.string(),
  )
    .map(([field, text]) => `${field}=${text}`),
  fc.string(),
);

Deno.test("a workflow with any parts changed, set in any way", async () => {
  await expandDefinition({ value: sound, modules: [] }, "/f.ts", registry, { profile: "smoke" });
  let refused = 0;
  const runs = 3000;
  const property = fc.asyncProperty(
    fc.array(change, { minLength: 1, maxLength: 3 }),
    fc.array(setting, { maxLength: 2 }),
    fc.option(fc.constantFrom("smoke", "x"), { nil: undefined }),
    async (changes, set, profile) => {
      let value: unknown = sound;
      for (const [path, part] of changes) {
        // An earlier change may have taken the place of a later one away.
        if (pathsIn(value).some((known) => known.join() === path.join())) value = replaced(value, path, part);
      }
      try {
        await expandDefinition({ value, modules: [] }, "/f.ts", registry, { profile, set });
      } catch (error) {
        assert.ok(error instanceof WorkflowError, error as Error);
        assert.ok(error.problems.length > 0);
        refused++;
      }
    },
  );
  await fc.assert(property, { numRuns: runs });
  assert.ok(refused > runs / 10 && refused < runs, `${refused} of ${runs} were refused`);
});
