/** The verbs are described once: deno.json and README repeat that word by word. */

import assert from "node:assert/strict";
import { VERBS } from "../../../lib/flow/commands/verbs.ts";
import { MODEL_VERBS } from "../../../lib/verbs/model_verbs.ts";

const ALL = [...VERBS, ...MODEL_VERBS];

const read = (name: string) => Deno.readTextFileSync(new URL(`../../../${name}`, import.meta.url));

Deno.test("every verb is a task of deno.json with the same description, and no other task runs main.ts by a verb", () => {
  const { tasks } = JSON.parse(read("deno.json"));
  const verbs = ALL.map(({ usage, about }) => ({ name: usage.split(" ")[0], usage, about }));
  for (const { name, usage, about } of verbs) {
    assert.equal(tasks[name]?.description, `${about}: deno task ${usage}`);
    assert.equal(tasks[name].command, `PROTOFLOW_CWD=$INIT_CWD deno run -A main.ts ${name}`);
  }
  const called = (Object.values(tasks) as { command: string }[]).flatMap(({ command }) =>
    /main\.ts (\w+)/.exec(command)?.[1] ?? []
  );
  assert.deepEqual(new Set(called), new Set(verbs.map(({ name }) => name)));
});

Deno.test("README lists every verb with the same words", () => {
  const listed = [...read("README.md").matchAll(/^\| `deno task (.*?)`\s*\| (.*?)\s*\|$/gm)];
  assert.deepEqual(
    listed.map(([, usage, about]) => ({ usage, about })),
    ALL.map(({ usage, about }) => ({ usage, about })),
  );
});
