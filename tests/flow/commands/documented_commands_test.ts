/** Every `deno task …` of README and docs is understood as it is written; those that take little time are run. */

import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { readCub200 } from "../../../lib/data/cub200.ts";
import { writeBirds } from "../../../lib/data/birds/write_birds.ts";
import { type Call, parseCall } from "../../../lib/flow/commands/cli.ts";
import { loadWorkflow } from "../../../lib/flow/definition/load_workflow.ts";
import { runIds } from "../../../lib/flow/history/runs.ts";
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

/** Takes seconds; the commands that tell of runs and results are run on it. */
const EXAMPLE = "search-example";

/** Why commands of a verb that `isRun` leaves out are understood only. */
const NOT_RUN: Readonly<Record<string, string>> = {
  run: "computes for minutes, or downloads; tests/workflows runs the same tasks, made small",
  get: "copies a result that takes minutes; tests/flow/commands/curves_test.ts runs it",
  log: "prints the log of a task that runs for minutes; tests/flow/commands/log_test.ts runs it",
  runs: "sorts by figures of runs that take minutes; tests/flow/commands/runs_test.ts runs it",
  verify:
    "runs tasks of minutes again; tests/flow/commands/verify_published_test.ts and tests/flow/trace run it",
  plan: "names no workflow",
  why: "names no workflow",
  cancel: "needs a cluster; tests/flow/slurm runs it",
  watch: "serves a page until it is stopped; tests/flow/watch runs it",
  key: "writes a key of the reader's; tests/flow/commands/shared_cache_test.ts runs it",
  predict: "needs a trained model; tests/verbs/predict_test.ts runs it",
  export: "needs a trained model; tests/verbs/export_test.ts runs it",
};

/** The tasks of deno.json that are no verbs, and are not run here. */
const OTHER_TASKS: Readonly<Record<string, string>> = {
  birds: "computes for minutes; tests/workflows runs it",
  test: "is what runs this",
  ok: "is what runs this",
  conformance: "names a folder of the reader's; tests/conformance/main_test.ts runs it",
  "pin-download": "downloads; tests/flow/download/pin_test.ts runs it",
};

/** The task of deno.json that is no verb, and is run. */
const CHECK_DATA = "check-data";

const ALWAYS = ["status", "graph", "gc", "list", "completion", "new", "best", "diff", "pin"];

/** Whether a call takes little time, where the example has been run. */
function isRun({ verb: { usage }, args: [name], options }: Call): boolean {
  const [verb] = usage.split(" ");
  if (ALWAYS.includes(verb)) return true;
  if (verb === "run" || verb === "get") return name === EXAMPLE;
  if (verb === "plan" || verb === "why") return !isPlaceholder(name);
  if (verb === "watch") return !("serve" in options);
  return (verb === "runs" || verb === "verify") && name === undefined;
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

const isOther = ([task]: readonly string[]) => task === CHECK_DATA || Object.hasOwn(OTHER_TASKS, task);

const isHelp = (words: readonly string[]) => words.includes("--help");

const isPlaceholder = (word: unknown) => typeof word !== "string" || /^[A-Z]{3,}…?$/.test(word);

Deno.test("every command of README and docs is understood, and names workflows, tasks and fields that exist", async () => {
  const all = documented();
  assert.ok(all.length > 40, `only ${all.length} commands were found`);
  const wrong: string[] = [];
  const loaded = new Map<string, ReturnType<typeof loadWorkflow>>();
  for (const { place, words } of all) {
    if (isOther(words) || isHelp(words)) continue;
    try {
      const call = await parseCall(words, project, PROJECT_VERBS);
      const [verb, first = ""] = call.verb.usage.split(" ");
      if (!isRun(call) && !Object.hasOwn(NOT_RUN, verb)) {
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
    writePhotographs(join(folder, "photographs"));
    const store = ["--store", join(folder, "store")];
    await inFolder(folder, "main.ts", ["run", EXAMPLE, ...store], `run ${EXAMPLE}`);
    const [run] = runIds(join(folder, "store"));
    const seen = new Set<string>();
    for (const { place, words } of documented()) {
      if (seen.has(words.join(" ")) || Object.hasOwn(OTHER_TASKS, words[0])) continue;
      if (words[0] === CHECK_DATA) {
        if (isPlaceholder(words[1])) continue;
        await inFolder(folder, "lib/data/check/main.ts", words.slice(1), place);
      } else if (isHelp(words)) await inFolder(folder, "main.ts", words, place);
      else {
        if (!isRun(await parseCall(words, project, PROJECT_VERBS))) continue;
        const given = words.map((word) => (word === "RUN" || word === "OTHER" ? run : word));
        await inFolder(folder, "main.ts", [...given, ...(words[0] === "completion" ? [] : store)], place);
      }
      seen.add(words.join(" "));
    }
    const verbs = new Set([...seen].map((words) => words.split(" ")[0]));
    for (const verb of [...ALWAYS, "run", "get", "plan", "why", "watch", "runs", "verify", CHECK_DATA]) {
      assert.ok(verbs.has(verb), `no command of ${verb} was run`);
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

/** @throws AssertionError with `place` where it fails */
async function inFolder(cwd: string, main: string, words: readonly string[], place: string): Promise<void> {
  const args = ["run", "-A", "--quiet", "--no-check", join(PROJECT, main), ...words];
  const command = new Deno.Command(Deno.execPath(), { args, cwd, stdout: "piped", stderr: "piped" });
  const { code, err } = await resultOf(command.spawn());
  assert.equal(code, 0, `${place}: ${err}`);
}

/** Drawn birds in a folder for each class. */
function writePhotographs(folder: string): void {
  const drawn = Deno.makeTempDirSync();
  try {
    writeBirds(drawn, { seed: 1, classes: 2, trainPerClass: 2, testPerClass: 1, size: 48 });
    for (const { name, path } of readCub200(drawn).samples) {
      Deno.mkdirSync(dirname(join(folder, name)), { recursive: true });
      Deno.copyFileSync(path, join(folder, name));
    }
  } finally {
    Deno.removeSync(drawn, { recursive: true });
  }
}
