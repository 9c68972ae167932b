/** Mounts folders as machines see them over a network (see network_disk.py), where this system can do that. */
import { inTemporaryFolder } from "./scratch.ts";

import { replaceFile } from "../../../lib/flow/store/replace_file.ts";

/** As network_disk.py has them. */
export interface DiskSettings {
  readonly ahead?: number;
  readonly coarse?: boolean;
  readonly stale?: number;
  readonly quota?: number;
  readonly late?: number;
}

export interface NetworkDisk {
  /** Where a machine sees the folder. */
  readonly path: string;
  /** The folder itself, on the server. */
  readonly folder: string;
  set(settings: DiskSettings): void;
}

const PROGRAM = new URL("./network_disk.py", import.meta.url).pathname;
/** Debian's own Python has Debian's packages. */
const PYTHON = "/usr/bin/python3";
/** How often it is looked whether a folder is mounted: for half a minute at least. */
const LOOKS = 3000;

async function succeeds(program: string, ...args: string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args, stdout: "null", stderr: "null" }).output()).success;
  } catch {
    return false;
  }
}

/**
 * Calls `body` with a folder as some machines see it, each with its settings.
 *
 * @param folder an empty one
 */
export async function onNetworkDisk(
  folder: string,
  machines: readonly DiskSettings[],
  body: (disks: NetworkDisk[]) => Promise<void>,
): Promise<void> {
  const server = `${folder}/server`;
  Deno.mkdirSync(server);
  const children: Deno.ChildProcess[] = [];
  const ended = new Set<Deno.ChildProcess>();
  const disks = machines.map((settings, i): NetworkDisk => {
    const [path, file] = [`${folder}/machine-${i}`, `${folder}/settings-${i}.json`];
    Deno.mkdirSync(path);
    let turn = 0;
    const set = (settings: DiskSettings) => replaceFile(file, JSON.stringify({ ...settings, turn: turn++ }));
    set(settings);
    const args = [PROGRAM, server, path, file];
    const child = new Deno.Command(PYTHON, { args, stdin: "null", stdout: "null", stderr: "null" }).spawn();
    children.push(child);
    child.status.then(() => ended.add(child));
    return { path, folder: server, set };
  });
  try {
    for (const { path } of disks) await untilMounted(path);
    await body(disks);
  } finally {
    for (const { path } of disks) await succeeds("fusermount3", "-uz", path);
    // Where a test has failed a file may be open, for which the program would wait.
    for (const child of children) if (!ended.has(child)) child.kill("SIGKILL");
    await Promise.all(children.map((child) => child.status));
  }
}

async function untilMounted(path: string): Promise<void> {
  const own = Deno.statSync(`${path}/..`).dev;
  for (let look = 0; look < LOOKS; look++) {
    if (Deno.statSync(path).dev !== own) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`${path} was not mounted`);
}

/** A test with a folder as some machines see it; left out, and said so, where that can't be. */
export function testOnNetworkDisk(
  name: string,
  machines: readonly DiskSettings[],
  body: (disks: NetworkDisk[], folder: string) => Promise<void>,
): void {
  Deno.test({
    name: `${name}${about}`,
    ignore: about !== "",
    fn: () => inTemporaryFolder((folder) => onNetworkDisk(folder, machines, (disks) => body(disks, folder))),
  });
}

/** Why tests on such disks are left out; empty where this system has what they need. */
export async function whyNoNetworkDisk(): Promise<string> {
  const hasModule = await succeeds(PYTHON, "-c", "import fusepy");
  if (!hasModule) return " (left out: fusepy is not installed: apt-get install python3-fusepy)";
  const folder = Deno.makeTempDirSync();
  try {
    const mounts = await succeeds("bash", "-c", `test -w /dev/fuse && command -v fusermount3`);
    return mounts ? "" : " (left out: this system can't mount by FUSE)";
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

const about = await whyNoNetworkDisk();
