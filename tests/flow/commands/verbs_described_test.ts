/** The verbs are described once: deno.json and README repeat that word by word. */

import assert from "node:assert/strict";
import { parseCall, programOf } from "../../../lib/flow/commands/cli.ts";
import { VERBS } from "../../../lib/flow/commands/verbs.ts";
import { PROJECT_VERBS } from "../../../lib/verbs/project_verbs.ts";
import { exists } from "../cli.ts";
import { shellWords } from "./shell_words.ts";

const ALL = [...VERBS, ...PROJECT_VERBS];

const folder = new URL("../../../", import.meta.url).pathname;
const project = {
  folder,
  devices: ["cpu", "cuda"],
  registry: () => Promise.reject(new Error("not asked for")),
  catalogue: () => Promise.resolve({}),
  livePage: () => import("../../../lib/report/live/live_page.ts"),
  runningPage: () => import("../../../lib/report/live/running_page.ts"),
  newModel: async () => (await import("../../../lib/models/new_model.ts")).newModelText,
};

const read = (name: string) => Deno.readTextFileSync(new URL(`../../../${name}`, import.meta.url));

Deno.test("every verb is a task of deno.json with the same description, and no other task runs main.ts by a verb", () => {
  const { tasks } = JSON.parse(read("deno.json"));
  const verbs = ALL.map(({ usage, about }) => ({ name: usage.split(" ")[0], usage, about }));
  for (const { name, usage, about } of verbs) {
    assert.equal(tasks[name]?.description, `${about}: deno task ${usage}`);
    assert.equal(
      tasks[name].command,
      `PROTOFLOW_CWD=$INIT_CWD deno run -A --unstable-lazy-dynamic-imports main.ts ${name}`,
    );
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

Deno.test("the help of every verb has two examples, which are understood and name workflows that exist", async () => {
  for (const { usage, examples } of ALL) {
    const [name, first = ""] = usage.split(" ");
    assert.ok(new Set(examples).size >= 2, `${name} has ${examples.length} examples`);
    for (const example of examples) {
      const call = await parseCall(shellWords(example), project, PROJECT_VERBS);
      assert.equal(call.verb.usage, usage, example);
      const workflow = /workflow/.test(first) ? call.args[0] : undefined;
      assert.ok(workflow === undefined || exists(`${folder}workflows/${workflow}.ts`), example);
    }
    let help = "";
    const command = programOf(project, ALL, () => {}).commands.find((one) => one.name() === name)!;
    command.configureOutput({ writeOut: (text) => void (help += text) }).exitOverride();
    command.outputHelp();
    for (const example of examples) {
      assert.ok(help.includes(`\n  deno task ${example}\n`), `${name} --help: ${example}`);
    }
  }
});
