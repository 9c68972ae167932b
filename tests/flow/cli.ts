/** Runs the command line as a process of its own, in a fresh folder with a store of its own. */

import { join } from "node:path";
import { fileURLToPath } from "node:url";

const testKinds = fileURLToPath(new URL("./main.ts", import.meta.url));
const ownKinds = fileURLToPath(new URL("../../main.ts", import.meta.url));
const config = fileURLToPath(new URL("../../deno.json", import.meta.url));

export interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** The lines of `--json`. */
  readonly events: Event[];
}

// deno-lint-ignore no-explicit-any -- events are compared with literals
export type Event = Record<string, any>;

export class Project {
  /** @param mainModule the command line: with the kinds of the tests, or with those of the project */
  constructor(
    readonly folder: string,
    readonly environment: Record<string, string> = {},
    readonly mainModule = testKinds,
  ) {}

  withEnvironment(environment: Record<string, string>): Project {
    return new Project(this.folder, environment, this.mainModule);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, text: string): void {
    Deno.mkdirSync(join(this.path(name), ".."), { recursive: true });
    Deno.writeTextFileSync(this.path(name), text);
  }

  read(name: string): string {
    return Deno.readTextFileSync(this.path(name));
  }

  /** Writes `probe.ts` with these tasks (and what else a workflow has). */
  workflow(tasks: Record<string, object>, more: object = {}): void {
    const definition = JSON.stringify({ name: "probe", about: "a test", tasks, ...more }, null, 2);
    const marked = definition.replace(/"(file|folder):([^"]*)"/g, '$1("$2")');
    this.write(
      "probe.ts",
      `import { defineWorkflow, file, folder } from "protoflow";\nvoid [file, folder];\nexport default defineWorkflow(${marked} as never);\n`,
    );
  }

  spawn(...args: string[]): Deno.ChildProcess {
    return this.spawnBy((argv) => argv, ...args);
  }

  /** `wrap` gives the command line that is to run in place of the one it is given. */
  spawnBy(wrap: (argv: string[]) => string[], ...args: string[]): Deno.ChildProcess {
    const argv = [
      Deno.execPath(),
      "run",
      "--quiet",
      "-A",
      "--no-check",
      "--config",
      config,
      this.mainModule,
      ...args,
    ];
    if (!args.includes("--store")) argv.push("--store", this.path("store"));
    const [program, ...rest] = wrap(argv);
    return new Deno.Command(program, {
      args: rest,
      cwd: this.folder,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      env: { NO_COLOR: "1", ...this.environment },
    }).spawn();
  }

  async call(...args: string[]): Promise<Result> {
    return await resultOf(this.spawn(...args));
  }

  /** `run probe.ts … --json`. */
  run(...args: string[]): Promise<Result> {
    return this.call("run", "probe.ts", "--json", ...args);
  }
}

/** The events of a run while it goes on. */
export async function* eventsOf(child: Deno.ChildProcess): AsyncGenerator<Event> {
  let text = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (text + chunk).split("\n");
    text = lines.pop()!;
    for (const line of lines) if (line.startsWith("{")) yield JSON.parse(line);
  }
}

/** Waits for an event of a run. The run may be recorded a second later than it is printed. */
export async function untilEvent(child: Deno.ChildProcess, isIt: (event: Event) => boolean): Promise<void> {
  for await (const event of eventsOf(child)) if (isIt(event)) return;
  throw new Error(`the run ended without the event: ${await new Response(child.stderr).text()}`);
}

export async function resultOf(child: Deno.ChildProcess): Promise<Result> {
  const { code, stdout, stderr } = await child.output();
  const [out, err] = [new TextDecoder().decode(stdout), new TextDecoder().decode(stderr)];
  const events = out.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
  return { code, out, err, events };
}

/** Outcomes by action id. */
export function outcomes({ events }: Result): Record<string, string> {
  return Object.fromEntries(
    events.filter(({ event }) => event === "action").map(({ id, outcome }) => [id, outcome]),
  );
}

export async function inProject(
  body: (project: Project) => Promise<void>,
  mainModule?: string,
): Promise<void> {
  const folder = Deno.makeTempDirSync();
  try {
    await body(new Project(folder, {}, mainModule));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** As `inProject`; but with the kinds of the project in place of those of the tests. */
export async function inProjectWithOwnKinds(body: (project: Project) => Promise<void>): Promise<void> {
  await inProject(body, ownKinds);
}

/** As `inProject`; but tasks are not isolated: they tell the test by files in the project's folder how far they are. */
export async function inOpenProject(body: (project: Project) => Promise<void>): Promise<void> {
  await inProject((project) => body(project.withEnvironment({ PROTOFLOW_ISOLATION: "off" })));
}

/** How often `until` looks: for five minutes at least, and for longer on a busy machine. */
const LOOKS = 60_000;

/** Waits until `what` is true; an error once it has looked in vain often enough. */
export async function until(what: () => boolean, about: string): Promise<void> {
  for (let looks = 0; !what(); looks++) {
    if (looks === LOOKS) throw new Error(`waited in vain: ${about}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The processes that work in a folder below `folder` (Linux). */
export function processesBelow(folder: string): number[] {
  return [...Deno.readDirSync("/proc")].flatMap(({ name }) => {
    try {
      return Deno.readLinkSync(`/proc/${name}/cwd`).startsWith(`${folder}/`) ? [Number(name)] : [];
    } catch {
      return []; // Another user's process, or one that has just ended.
    }
  });
}

export function exists(path: string): boolean {
  try {
    return Deno.lstatSync(path) !== undefined;
  } catch {
    return false;
  }
}
