/** Other things in the places of a store's files: pipes, folders, links, sockets, and files that say nothing. */

import { join } from "node:path";
import { LAYOUT } from "../../../lib/flow/store/layout.ts";
import { Store } from "../../../lib/flow/store/store.ts";
import { type Project, type Result, resultOf } from "../cli.ts";

/** What is put at a path at which nothing is. `outside` is a file that nobody may change. */
export const IMPOSTORS: Readonly<Record<string, (path: string, outside: string) => void>> = {
  "a pipe": (path) => void new Deno.Command("mkfifo", { args: [path] }).outputSync(),
  "a folder": (path) => {
    Deno.mkdirSync(path);
    Deno.writeTextFileSync(join(path, "file"), "");
  },
  "a link to a file outside": (path, outside) => Deno.symlinkSync(outside, path),
  "a link that leads nowhere": (path, outside) => Deno.symlinkSync(`${outside}.none`, path),
  "a socket": (path, outside) => {
    // A socket's path may have some 100 characters, and what is at it goes when nobody listens any more.
    using _listener = Deno.listen({ transport: "unix", path: `${outside}.s` });
    Deno.renameSync(`${outside}.s`, path);
  },
  "an empty file": (path) => Deno.writeTextFileSync(path, ""),
  "a file that can't be read": (path) => Deno.writeTextFileSync(path, "text", { mode: 0o000 }),
};

/** The workflow whose store is tried: an output that is a folder, one that is a file, and items. */
export function writeWorkflow(project: Project): void {
  project.write("texts/a", "of an item\n");
  project.workflow({
    items: { kind: "pages", inputs: { texts: "folder:texts" } },
    tree: {
      kind: "command",
      params: { argv: ["sh", "-c", "echo printed; mkdir out/o; echo one > out/o/a; echo more > out/o/b"] },
      outputs: ["o"],
    },
    last: {
      kind: "command",
      params: { argv: ["sh", "-c", "cat in/x/a in/x/b > out/o"] },
      inputs: { x: "tree.o" },
      outputs: ["o"],
    },
  });
}

export const RIGHT = "one\nmore\n";

/** The text of the result of `last`, by the outcome of a run. */
export function resultOfLast(project: Project, { events }: Result): string | undefined {
  const key = events.find(({ event, id }) => event === "action" && id === "last")?.key;
  const store = Store.open(project.path("store"), "the test");
  try {
    const record = key && store.getRecord(key);
    return record && store.bytes.text(record.outputs.o.file!.digest);
  } finally {
    store.close();
  }
}

/** One file of each kind that the store has: the first one of each folder, relative to the store. */
export function filesOfEachKind(store: string): string[] {
  const found = new Map<string, string>();
  const walk = (path: string) => {
    for (const { name, isDirectory } of [...Deno.readDirSync(join(store, path))].sort(byName)) {
      const at = join(path, name);
      if (isDirectory) walk(at);
      // In folders the names are digests, ids, or such with an ending.
      else {
        const kind = path === "" ? name : /\.\w+$/.exec(name) ?? "";
        found.set(`${path.replace(/\/[0-9a-f]{2}$/, "")} ${kind}`, at);
      }
    }
  };
  walk("");
  return [...found.values()];
}

const byName = (a: Deno.DirEntry, b: Deno.DirEntry) => (a.name < b.name ? -1 : 1);

/** Files by which it is known what a garbage collection must keep, and the version. Their loss may be an error. */
export function isVital(file: string): boolean {
  return file === LAYOUT.version || file.startsWith(`${LAYOUT.runs}/`);
}

/** As `project.call`; undefined where the command does not come to an end. */
export async function callBounded(project: Project, ...args: string[]): Promise<Result | undefined> {
  const child = project.spawn(...args);
  const timer = setTimeout(() => child.kill("SIGKILL"), BOUND_MS);
  child.status.then(() => clearTimeout(timer));
  const result = await resultOf(child);
  return result.code === 137 ? undefined : result;
}

/** Many times what the longest of the commands takes on a busy machine. */
const BOUND_MS = 600_000;
