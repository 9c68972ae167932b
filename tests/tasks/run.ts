/** Workflows of the project's own kinds, run by its command line in a fresh folder with a store of its own. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Store } from "../../lib/flow/store/store.ts";
import { type Result, resultOf } from "../flow/cli.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Starts the command line in `folder`, with the store of that name in it. */
export function spawnMain(folder: string, store: string, ...args: string[]): Deno.ChildProcess {
  return spawnIn({}, folder, store, ...args);
}

function spawnIn(
  environment: Readonly<Record<string, string>>,
  folder: string,
  store: string,
  ...args: string[]
): Deno.ChildProcess {
  const command = [
    "run",
    "-A",
    "--quiet",
    "--no-check",
    "--config",
    join(root, "deno.json"),
    join(root, "main.ts"),
  ];
  return new Deno.Command(Deno.execPath(), {
    args: [...command, ...args, "--store", join(folder, store)],
    cwd: folder,
    env: { NO_COLOR: "1", ...environment },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

export class Run {
  /** @param store its name in `folder` */
  constructor(
    readonly folder: string,
    readonly store = "store",
    readonly environment: Readonly<Record<string, string>> = {},
  ) {}

  withEnvironment(environment: Readonly<Record<string, string>>): Run {
    return new Run(this.folder, this.store, environment);
  }

  withStore(store: string): Run {
    return new Run(this.folder, store, this.environment);
  }

  spawn(...args: string[]): Deno.ChildProcess {
    return spawnIn(this.environment, this.folder, this.store, ...args);
  }

  async call(...args: string[]): Promise<Result> {
    return await resultOf(this.spawn(...args));
  }

  /** Writes these tasks as the workflow `views.ts`. */
  write(tasks: Record<string, object>): void {
    const definition = JSON.stringify({ name: "views", about: "a test", tasks })
      .replace(/"(folder|file):([^"]*)"/g, '$1("$2")');
    Deno.writeTextFileSync(
      join(this.folder, "views.ts"),
      `import { defineWorkflow, file, folder } from "protoflow";\nexport default defineWorkflow(${definition} as never);\nvoid [file, folder];\n`,
    );
  }

  async run(tasks: Record<string, object>): Promise<Result> {
    this.write(tasks);
    return await this.call("run", "views.ts", "--json");
  }

  /** The page of the only result that was placed. */
  page(): string {
    const results = join(this.folder, this.store, "results");
    const placed = [...Deno.readDirSync(results)].filter(({ name }) => !name.startsWith("."));
    assert.equal(placed.length, 1, placed.map(({ name }) => name).join());
    return Deno.readTextFileSync(join(results, placed[0].name, "index.html"));
  }

  /** The items that got a result while `body` ran: their ids by kind, sorted. */
  async newItems(body: () => Promise<unknown>): Promise<Record<string, string[]>> {
    const before = this.#items();
    await body();
    const made = [...this.#items()].filter(([key]) => !before.has(key)).map(([, item]) => item);
    const byKind = Object.groupBy(made, ({ kind }) => kind);
    return Object.fromEntries(
      Object.entries(byKind).map(([kind, items]) => [kind, items!.map(({ id }) => id).sort()]),
    );
  }

  #items(): Map<string, { kind: string; id: string }> {
    const store = Store.open(join(this.folder, this.store));
    const found = [...store.keys()].flatMap((key) => {
      const { kind, item: id } = store.getRecord(key)!.manifest;
      return id === undefined ? [] : [[key as string, { kind, id }] as const];
    });
    store.close();
    return new Map(found);
  }

  /** Copies an output out of the store. */
  async get(task: string, output: string): Promise<string> {
    const folder = join(this.folder, `got-${task}-${crypto.randomUUID()}`);
    const { code, err } = await this.call("get", "views.ts", `${task}.${output}`, folder);
    assert.equal(code, 0, err);
    return join(folder, output);
  }
}

export async function inRun(body: (run: Run) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync();
  try {
    await body(new Run(folder));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
