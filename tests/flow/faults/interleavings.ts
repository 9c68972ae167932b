/** Commands that run side by side over one store and are killed at any instant, checked against a model of what must be there. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { Store } from "../../../lib/flow/store/store.ts";
import type { ActionKey } from "../../../lib/flow/store/types.ts";
import { exists, inProject, Project, type Result, resultOf } from "../cli.ts";

/** Different sources of the same workflow; more of them than gc keeps runs in a usual sequence. */
const VERSIONS = 8;
/** gc keeps the results of so many runs, the newest first. */
const KEPT_RUNS = 10;
/** Start-up, planning and all of the tasks fall into this time. */
const LONGEST_MS = 900;

interface Command {
  readonly verb: "run" | "gc" | "verify" | "get" | "pin" | "unpin";
  readonly version: number;
  readonly delayMs: number;
  /** When it is killed, counted from its start. */
  readonly killMs: number | null;
}

const command: fc.Arbitrary<Command> = fc.record({
  verb: fc.constantFrom("run", "run", "run", "gc", "gc", "gc", "verify", "get", "pin", "pin", "unpin"),
  version: fc.nat(VERSIONS - 1),
  delayMs: fc.nat(LONGEST_MS),
  killMs: fc.option(fc.nat(LONGEST_MS), { freq: 2 }),
});
const interleaving = fc.array(command, { minLength: 2, maxLength: 4 });

/**
 * Tries random interleavings, `length` of them one after the other in a store of their own. The same seed gives the same
 * commands, delays and instants of kills; where in a command an instant falls is not repeatable.
 *
 * @param progress told of each interleaving that held
 * @throws where a result was lost or wrong, or a command did not say what it must
 */
export async function checkInterleavings(seed: number, length: number, progress = () => {}): Promise<void> {
  const sequence = fc.array(interleaving, { minLength: length, maxLength: length });
  const [rounds] = fc.sample(sequence, { seed, numRuns: 1 });
  await inProject(async (project) => {
    const shared = new SharedStore(project);
    for (const [round, commands] of rounds.entries()) {
      await shared.interleave(commands, round).catch((cause) => {
        throw new Error(`seed ${seed}, interleaving ${round}: ${JSON.stringify(commands)}`, { cause });
      });
      progress();
    }
  });
}

interface Used {
  readonly run: string;
  readonly keys: readonly ActionKey[];
  readonly begun: number;
}

class SharedStore {
  readonly #store: string;
  readonly #projects: Project[];
  /** The last run of each version that ended well: what it used, and how many runs had begun when it began. */
  readonly #used = new Map<number, Used>();
  /** The versions of which a run with all its results is surely pinned. */
  readonly #pinned = new Set<number>();
  #begun = 0;
  #gets = 0;

  constructor(readonly project: Project) {
    this.#store = project.path("store");
    this.#projects = Array.from({ length: VERSIONS }, (_, version) => versionOf(project, version));
  }

  async interleave(commands: readonly Command[], round: number): Promise<void> {
    const collectors = commands.filter(({ verb }) => verb === "gc").length;
    const unpinned = new Set(commands.flatMap(({ verb, version }) => verb === "unpin" ? [version] : []));
    for (const version of unpinned) this.#pinned.delete(version);
    await Promise.all(commands.map((command) => this.#perform(command, collectors, unpinned)));
    const about = `after interleaving ${round}: ${JSON.stringify(commands)}`;
    await this.#checkStore(about);
    const { version } = commands[round % commands.length];
    const mustReuse = this.#mustBeThere(version);
    const again = await this.#run(version, this.#projects[version].spawn(...this.#argsOf("run")));
    if (mustReuse) assert.deepEqual(new Set(outcomesOf(again)), new Set(["reused"]), about);
  }

  /** @param unpinned the versions of which a run is unpinned meanwhile: a pin of one of them may not last */
  async #perform(
    { verb, version, delayMs, killMs }: Command,
    collectors: number,
    unpinned: ReadonlySet<number>,
  ): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    const used = this.#used.get(version);
    if ((verb === "pin" || verb === "unpin") && used === undefined) return;
    const mustBeThere = this.#mustBeThere(version);
    const got = this.project.path(`got-${this.#gets++}`);
    const child = this.#projects[version].spawn(...this.#argsOf(verb, got, used?.run));
    let killed = false;
    const timer = killMs === null ? undefined : setTimeout(() => {
      try {
        child.kill("SIGKILL");
        killed = true;
      } catch {
        // It has come to its end before.
      }
    }, killMs);
    if (verb === "run") {
      await this.#run(version, child, () => killed).finally(() => clearTimeout(timer));
      return;
    }
    const { code, out, err } = await resultOf(child).finally(() => clearTimeout(timer));
    const said = `${verb} ended ${code}: ${err}${out}`;
    assert.doesNotMatch(err, STACK, said);
    if (exists(`${got}/o`)) assert.equal(Deno.readTextFileSync(`${got}/o`), expected(version), said);
    if (verb === "pin" && !killed && !unpinned.has(version) && this.#mustBeThere(version)) {
      this.#pinned.add(version);
    }
    if (killed || code === 0) return;
    if (verb === "gc") assert.ok(collectors > 1 && /is already running gc in/.test(err), said);
    else if (verb === "get") assert.ok(!mustBeThere, said);
    else if (verb === "unpin") assert.match(err, /is not pinned/, said);
    else assert.fail(said);
  }

  async #run(version: number, child: Deno.ChildProcess, wasKilled = () => false): Promise<Result> {
    const begun = ++this.#begun;
    const result = await resultOf(child);
    const said = `run of version ${version} ended ${result.code}: ${result.err}${result.out}`;
    assert.doesNotMatch(result.err, STACK, said);
    if (wasKilled()) return result;
    assert.equal(result.code, 0, said);
    const keys = result.events.flatMap(({ event, key }) => (event === "action" ? [key as ActionKey] : []));
    assert.equal(keys.length, TASKS, said);
    const { run } = result.events.find(({ event }) => event === "start")!;
    if ((this.#used.get(version)?.begun ?? 0) < begun) this.#used.set(version, { run, keys, begun });
    return result;
  }

  /** Is a run of this version that ended well surely pinned, or among the last ones, which gc keeps? */
  #mustBeThere(version: number): boolean {
    if (this.#pinned.has(version)) return true;
    const used = this.#used.get(version);
    // Runs that are about to begin are counted too: a round begins four at most, and one that checks it.
    return used !== undefined && this.#begun - used.begun < KEPT_RUNS - 5;
  }

  async #checkStore(about: string): Promise<void> {
    if (!exists(this.#store)) return;
    const store = Store.open(this.#store, "the test");
    try {
      assert.deepEqual(await store.verify(), [], about);
      for (const [version, { keys }] of this.#used) {
        if (!this.#mustBeThere(version)) continue;
        for (const key of keys) {
          assert.ok(store.getRecord(key), `${key} of version ${version} is lost ${about}`);
        }
      }
      assert.ok(!exists(`${this.#store}/quarantine`), `something was set aside ${about}`);
    } finally {
      store.close();
    }
  }

  #argsOf(verb: Command["verb"], got = "", run = ""): string[] {
    const store = ["--store", this.#store];
    if (verb === "run") return ["run", "probe.ts", "--json", ...store];
    if (verb === "get") return ["get", "probe.ts", "last.o", got, ...store];
    if (verb === "pin") return ["pin", run, ...store];
    if (verb === "unpin") return ["pin", run, "--remove", ...store];
    return [verb, ...store];
  }
}

const STACK = /^\s+at .*:\d+:\d+\)?$/m;

const TASKS = 5;

/**
 * A diamond: `first` and `same` reach `last` through `middle` and directly; `same` has the same bytes in all versions. And a
 * task of items, of which each version has some with others.
 */
function versionOf(project: Project, version: number): Project {
  const own = new Project(project.path(`version-${version}`));
  own.write("text", `text ${version}\n`);
  const task = (script: string, inputs: object) => ({
    kind: "command",
    params: { argv: ["sh", "-c", script] },
    inputs,
    outputs: ["o"],
  });
  for (let n = version; n < version + 4; n++) own.write(`texts/${n}`, `text of item ${n}`);
  own.workflow({
    items: { kind: "pages", inputs: { texts: "folder:texts" } },
    first: task("cat in/x > out/o", { x: "file:text" }),
    same: task(`: ${version}; echo same > out/o`, {}),
    middle: task("sleep 0.05; mkdir out/o; cat in/x > out/o/x; echo same > out/o/same", { x: "first.o" }),
    last: task("cat in/x/x in/y > out/o", { x: "middle.o", y: "same.o" }),
  });
  return own;
}

function expected(version: number): string {
  return `text ${version}\nsame\n`;
}

function outcomesOf({ events }: Result): string[] {
  return events.flatMap(({ event, outcome }) => (event === "action" ? [outcome] : []));
}
