/** Code that is edited while a run goes on: no result is ever kept under the key of other code than made it. */

import assert from "node:assert/strict";
import {
  type Event,
  eventsOf,
  inOpenProject,
  inProject,
  outcomes,
  type Project,
  type Result,
  resultOf,
} from "../cli.ts";

const module = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);

/** Kinds of the project's own, which take what they make from `kinds/value.ts`. */
function withKinds(project: Project): void {
  const kind = (name: string, more: string) =>
    `import { z } from "zod";
    import { defineTask } from ${module("../../../lib/flow/kind.ts")};
    import { value } from "./value.ts";
    export default defineTask({
      name: "${name}", about: "write the value", params: z.strictObject({ ms: z.number().default(0) }),
      inputs: "any", outputs: ["o"], ${more} });`;
  value(project, "old");
  project.write(
    "kinds/items.ts",
    kind(
      "items",
      `items: {
        list: () => ["a", "b"].map((id) => ({ id, files: {} })),
        runItem({ output }, { id }) {
          Deno.writeTextFileSync(output("o"), value + " " + id);
        },
        collect: ({ output }, { ids, path }) => {
          const texts = ids.map((id) => Deno.readTextFileSync(path(id, "o")));
          Deno.writeTextFileSync(output("o"), texts.join(", "));
        },
      }`,
    ),
  );
  project.write(
    "kinds/process.ts",
    kind(
      "process",
      `async run({ params, output, progress }) {
        progress({ done: 0, total: 1, unit: "values" });
        await new Promise((resolve) => setTimeout(resolve, params.ms));
        Deno.writeTextFileSync(output("o"), value);
      }`,
    ),
  );
  project.write(
    "kinds/program.ts",
    kind("program", `program: () => ({ argv: ["sh", "-c", "printf " + value + " > out/o"] })`),
  );
  project.write(
    "main.ts",
    `import { commandLine } from ${module("../../../lib/flow/commands/cli.ts")};
    const kinds = {
      command: () => import(${module("../kinds/command.ts")}),
      items: () => import("./kinds/items.ts"),
      process: () => import("./kinds/process.ts"),
      program: () => import("./kinds/program.ts"),
    };
    const folder = ${JSON.stringify(new URL("../../../", import.meta.url).pathname)};
    const registry = () => Promise.resolve({ folder: new URL("./kinds/", import.meta.url), kinds });
    Deno.exit(await commandLine(Deno.args, { folder, devices: ["cpu"], registry }));`,
  );
  // The kind has to be where the other kinds are.
  project.write("kinds/command.ts", `export { default } from ${module("../../../tasks/command.ts")};`);
}

const value = (project: Project, text: string) =>
  project.write("kinds/value.ts", `export const value = "${text}";\n`);

function spawn(project: Project, ...args: string[]): Deno.ChildProcess {
  const ownMain = (argv: string[]) =>
    argv.map((argument) => argument.endsWith("/tests/flow/main.ts") ? project.path("main.ts") : argument);
  return project.spawnBy(ownMain, ...args);
}

const run = (project: Project): Promise<Result> => resultOf(spawn(project, "run", "probe.ts", "--json"));

async function output(project: Project, task: string): Promise<string> {
  const got = await resultOf(spawn(project, "get", "probe.ts", task, `got-${task}`));
  assert.equal(got.code, 0, got.err);
  const text = project.read(`got-${task}/o`);
  Deno.removeSync(project.path(`got-${task}`), { recursive: true });
  return text;
}

/** A task that edits the code, after `seconds`. */
const edit = (project: Project, inputs: object, seconds = 0) => ({
  kind: "command",
  params: {
    argv: [
      "sh",
      "-c",
      `sleep ${seconds}; sed -i s/old/new/ '${project.path("kinds/value.ts")}'; touch out/o`,
    ],
  },
  inputs,
  outputs: ["o"],
});

Deno.test("a kind that is edited before its process begins is run, and kept, as what it is now", () =>
  inOpenProject(async (project) => {
    withKinds(project);
    project.workflow({
      before: { kind: "process" },
      edit: edit(project, { after: "before.o" }),
      behind: { kind: "process", inputs: { after: "edit.o" } },
    });
    const first = await run(project);
    assert.deepEqual(outcomes(first), { before: "ran", edit: "ran", behind: "ran" }, first.out);
    value(project, "old");
    // What the edit made is kept, so nothing edits the code now: `behind` has not been run as it was before.
    assert.deepEqual(outcomes(await run(project)), { before: "reused", edit: "reused", behind: "ran" });
    assert.equal(await output(project, "behind"), "old");
    value(project, "new");
    assert.deepEqual(outcomes(await run(project)), { before: "ran", edit: "ran", behind: "reused" });
    assert.equal(await output(project, "behind"), "new");
  }));

Deno.test("a kind that is edited after it was read ahead of its turn is run once, as what it is now", () =>
  inOpenProject(async (project) => {
    withKinds(project);
    project.workflow({
      // While it sleeps the kind of the other task is read.
      edit: edit(project, {}, 3),
      behind: { kind: "items", inputs: { after: "edit.o" } },
    });
    const first = await run(project);
    assert.deepEqual(outcomes(first), { edit: "ran", behind: "ran" }, first.out);
    const { reason } = first.events.find(({ event, id }) => event === "action" && id === "behind")!;
    assert.doesNotMatch(reason, /changed while it was read/);
    assert.equal(await output(project, "behind"), "new a, new b");
    assert.deepEqual(outcomes(await run(project)), { edit: "reused", behind: "reused" });
  }));

for (
  const [kind, made] of [["process", (text: string) => text], [
    "items",
    (text: string) => `${text} a, ${text} b`,
  ]] as const
) {
  Deno.test(`a kind that is edited while its process runs keeps nothing of it: ${kind}`, () =>
    inProject(async (project) => {
      withKinds(project);
      project.workflow({ slow: { kind, params: { ms: 700 } } });
      const child = spawn(project, "run", "probe.ts", "--json");
      const events: Event[] = [];
      for await (const event of eventsOf(child)) {
        const isFirst = events.every((earlier) => earlier.event !== "progress");
        if (event.event === "progress" && isFirst) value(project, "new");
        events.push(event);
      }
      assert.equal((await child.status).code, 0);
      const { reason } = events.find(({ event }) => event === "action")!;
      assert.match(reason, /kinds\/value\.ts changed while it was read/);
      assert.equal(await output(project, "slow"), made("new"));
      value(project, "old");
      assert.deepEqual(outcomes(await run(project)), { slow: "ran" });
      assert.equal(await output(project, "slow"), made("old"));
    }));
}

Deno.test("a program whose kind was edited after the engine had read it is not run", () =>
  inOpenProject(async (project) => {
    withKinds(project);
    project.workflow({
      edit: edit(project, {}),
      behind: { kind: "program", inputs: { after: "edit.o" } },
    });
    const first = await run(project);
    assert.deepEqual(outcomes(first), { edit: "ran", behind: "failed" }, first.out);
    const failure = first.events.find(({ id }) => id === "behind")!;
    assert.match(failure.reason, /kinds\/value\.ts was edited after this process had begun.*run it again/);
    assert.deepEqual(outcomes(await run(project)), { edit: "reused", behind: "ran" });
    assert.equal(await output(project, "behind"), "new");
    value(project, "old");
    assert.deepEqual(outcomes(await run(project)), { edit: "reused", behind: "ran" });
    assert.equal(await output(project, "behind"), "old");
  }));
