/** Every `deno task …` of README and docs is understood as it is written; those that take little time are run. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { type Call, parseCall } from "../../../lib/flow/commands/cli.ts";
import { loadWorkflow } from "../../../lib/flow/definition/load_workflow.ts";
import { PROJECT_VERBS } from "../../../lib/verbs/project_verbs.ts";
import { DEVICES } from "../../../lib/runtime/device.ts";
import { registry } from "../../../tasks/kinds.ts";
import { filesBelow, PROJECT } from "../../house/project_files.ts";
import { resultOf } from "../cli.ts";
import { shellWords } from "./shell_words.ts";

const project = {
  folder: PROJECT,
  devices: DEVICES,
  registry: () => Promise.resolve(registry),
  catalogue: async () => (await import("../../../tasks/catalogue.ts")).catalogue,
  livePage: () => import("../../../lib/report/live/live_page.ts"),
  runningPage: () => import("../../../lib/report/live/running_page.ts"),
  newModel: async () => (await import("../../../lib/models/new_model.ts")).newModelText,
};

/** Why commands of a verb are understood only. */
const NOT_RUN: Readonly<Record<string, string>> = {
  run: "computes for minutes; tests/workflows runs birds, study-birds and ablations-birds",
  why: "tells of a task that has been run",
  show: "tells of a task that has been run",
  get: "copies a result of a run",
  log: "prints the log of a run",
  diff: "compares runs",
  pin: "names a run",
  key: "writes a key of the reader's; tests/flow/commands/shared_cache_test.ts runs it",
  watch: "follows a run",
  runs: "names a workflow that has been run",
  verify: "checks the results of a run",
  plan: "asks for a GPU, or for data",
  new: "writes into the current folder; tests/flow/definition/own_kinds_test.ts runs what it writes",
  predict: "needs a trained model; tests/verbs/predict_test.ts runs it",
  best: "needs a search that has ended; tests/verbs/best_test.ts runs it",
  export: "needs a trained model; tests/export/export_model_test.ts runs it",
};

/** The tasks of deno.json that are no verbs. */
const OTHER_TASKS: Readonly<Record<string, string>> = {
  birds: "computes for minutes; tests/workflows runs it",
  test: "is what runs this",
  ok: "is what runs this",
  conformance: "names a folder of the reader's; tests/conformance/main_test.ts runs it",
  "check-data": "names a folder of the reader's; its own tests run it",
  "pin-download": "downloads; tests/flow/download/pin_test.ts runs it",
};

/** Whether a call takes little time in an empty store. */
function isCheap({ verb: { usage }, args }: Call): boolean {
  const [verb] = usage.split(" ");
  if (["status", "graph", "gc", "list", "completion"].includes(verb)) return true;
  if (verb === "plan") return args[0] === "birds";
  return ["runs", "verify"].includes(verb) && args[0] === undefined;
}

interface Documented {
  readonly place: string;
  readonly words: string[];
}

/** Lines of indented blocks, and code within sentences; usages with brackets are in the table of commands. */
function documented(): Documented[] {
  return ["README.md", ...filesBelow("docs")].flatMap((page) => {
    // A line may go on in the next one.
    const text = Deno.readTextFileSync(join(PROJECT, page)).replaceAll(/\s*\\\n\s*/g, " ");
    return text.split("\n").flatMap((line, i) => {
      // In a sentence a verb alone is named, and not called.
      const inSentence = () =>
        [...line.matchAll(/`([^`]+)`/g)].map(([, code]) => code).filter((code) => code.split(" ").length > 3);
      const codes = /^ {4,}\S/.test(line) ? [line] : inSentence();
      return codes.flatMap((code) => {
        const found = /^\s*(?:npx -y deno@[\d.]+|deno) task (.+)$/.exec(code);
        return found && !/<\w+>|\[\w+\.*\]/.test(found[1])
          ? [{ place: `${page}:${i + 1}: ${code.trim()}`, words: shellWords(found[1]).map(withFolder) }]
          : [];
      });
    });
  });
}

/** A folder that exists stands for that of the reader. */
const withFolder = (word: string) => word.replace(/=(?:FOLDER|photographs)$/, `=${join(PROJECT, "docs")}`);

const isHelp = (words: readonly string[]) => words.includes("--help");

const isPlaceholder = (word: unknown) => typeof word !== "string" || /^[A-Z]{3,}…?$/.test(word);

Deno.test("every command of README and docs is understood, and names workflows, tasks and fields that exist", async () => {
  const all = documented();
  assert.ok(all.length > 40, `only ${all.length} commands were found`);
  const wrong: string[] = [];
  const loaded = new Map<string, ReturnType<typeof loadWorkflow>>();
  for (const { place, words } of all) {
    if (Object.hasOwn(OTHER_TASKS, words[0]) || isHelp(words)) continue;
    try {
      const call = await parseCall(words, project, PROJECT_VERBS);
      const [verb, first = ""] = call.verb.usage.split(" ");
      if (!isCheap(call) && !Object.hasOwn(NOT_RUN, verb)) {
        wrong.push(`${place}: is neither run, nor says NOT_RUN why`);
      }
      const [name, tasks] = call.args;
      if (!/workflow/.test(first) || isPlaceholder(name)) continue;
      const { profile, set } = call.options;
      const key = JSON.stringify([name, profile, set]);
      if (!loaded.has(key)) loaded.set(key, loadWorkflow(String(name), registry, { profile, set }));
      const workflow = await loaded.get(key)!;
      const known = new Set(workflow.tasks.flatMap(({ id, task }) => [id, task]));
      for (const task of [tasks].flat()) {
        if (task === undefined || isPlaceholder(task)) continue;
        const id = String(task);
        if (!known.has(id) && !known.has(id.replace(/\.[^.\]]+$/, ""))) {
          wrong.push(`${place}: there is no task ${id}`);
        }
      }
    } catch (error) {
      wrong.push(`${place}: ${error instanceof Error ? error.message : error}`);
    }
  }
  assert.deepEqual(wrong, []);
});

Deno.test("the commands of README and docs that take little time run as they are written", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const seen = new Set<string>();
    for (const { place, words } of documented()) {
      if (Object.hasOwn(OTHER_TASKS, words[0]) || isHelp(words)) continue;
      const call = await parseCall(words, project, PROJECT_VERBS);
      if (!isCheap(call) || seen.has(words.join(" "))) continue;
      seen.add(words.join(" "));
      const store = call.verb.usage.startsWith("completion") ? [] : ["--store", join(folder, "store")];
      const { code, err } = await resultOf(
        new Deno.Command(Deno.execPath(), {
          args: ["run", "-A", "--quiet", "--no-check", join(PROJECT, "main.ts"), ...words, ...store],
          cwd: folder,
          stdout: "piped",
          stderr: "piped",
        }).spawn(),
      );
      assert.equal(code, 0, `${place}: ${err}`);
    }
    assert.ok(seen.size >= 5, `only ${[...seen].join("; ")}`);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
