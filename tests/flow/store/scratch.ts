/** What the tests of the store share: fresh folders, and actions to publish. */
import { actionKey, manifestOf } from "../../../lib/flow/store/manifest.ts";
import type { Published } from "../../../lib/flow/store/publish.ts";
import type { Store } from "../../../lib/flow/store/store.ts";
import type { Json } from "../../../lib/flow/json.ts";
import type { ActionKey, Manifest } from "../../../lib/flow/store/types.ts";

export async function inTemporaryFolder(body: (folder: string) => void | Promise<void>): Promise<void> {
  const folder = Deno.realPathSync(Deno.makeTempDirSync());
  try {
    await body(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** A manifest that only these params tell from others. */
export function manifest(params: Record<string, Json>, outputs: readonly string[] = ["out"]): Manifest {
  return manifestOf({
    kind: "test",
    code: { digest: "0", packages: {} },
    params,
    inputs: {},
    outputs,
    runtime: {},
  });
}

/** Params of an action of its own. Those of each second make its record long, so that it is deflated. */
export function paramsOf(n: number): Record<string, Json> {
  return n % 2 === 0
    ? { n }
    : { n, versions: Array.from({ length: 150 }, (_, i) => `package-${i}@${i * 7919 % 1000}.${n}`) };
}

/** Files by path; a text is the content. `""` stands for an output that is a single file. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** Does what a task would, and publishes it. */
export function publishFiles(
  store: Store,
  params: Record<string, Json>,
  outputs: Readonly<Record<string, Files>>,
): Promise<Published & { key: ActionKey }> {
  return publishAs(store, manifest(params, Object.keys(outputs)), outputs);
}

/** The manifest of an item. */
export function itemManifest(item: string, params: Record<string, Json> = {}): Manifest {
  return { ...manifest(params), item };
}

/** As `publishFiles`, of an item with one output. */
export function publishItem(
  store: Store,
  item: string,
  files: Files,
  params: Record<string, Json> = {},
): Promise<Published & { key: ActionKey }> {
  return publishAs(store, itemManifest(item, params), { out: files });
}

async function publishAs(
  store: Store,
  made: Manifest,
  outputs: Readonly<Record<string, Files>>,
): Promise<Published & { key: ActionKey }> {
  const work = store.workFolder("test");
  try {
    for (const [output, files] of Object.entries(outputs)) writeFiles(`${work}/${output}`, files);
    const key = actionKey(made);
    const facts = { started: "2026-01-01T00:00:00Z", ms: 1 };
    return { key, ...await store.publish({ key, manifest: made, folder: work, facts }) };
  } finally {
    await store.removeFolder(work);
  }
}

export function writeFiles(root: string, files: Files): void {
  if (!("" in files)) Deno.mkdirSync(root, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    const absolute = path === "" ? root : `${root}/${path}`;
    Deno.mkdirSync(absolute.slice(0, absolute.lastIndexOf("/")), { recursive: true });
    if (typeof content === "string") Deno.writeTextFileSync(absolute, content);
    else Deno.writeFileSync(absolute, content);
  }
}

/** All files below a folder by path relative to it. */
export function readFiles(root: string, below = ""): Record<string, string> {
  const files: Record<string, string> = {};
  for (const { name, isDirectory } of Deno.readDirSync(`${root}/${below}`)) {
    const path = below === "" ? name : `${below}/${name}`;
    if (isDirectory) Object.assign(files, readFiles(root, path));
    else files[path] = Deno.readTextFileSync(`${root}/${path}`);
  }
  return files;
}

/** Starts a process that wants the keys `from` up to `to`, of tasks or of items (see racer.ts). */
export function startRacer(
  store: string,
  log: string,
  from: number,
  to: number,
  what: "tasks" | "items" = "tasks",
): Deno.ChildProcess {
  const racer = new URL("./racer.ts", import.meta.url).pathname;
  const config = new URL("../../../deno.json", import.meta.url).pathname;
  const options = ["run", "-A", "--no-check", "--quiet", "--config", config];
  return new Deno.Command(Deno.execPath(), {
    args: [...options, racer, store, log, `${from}`, `${to}`, what],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}
