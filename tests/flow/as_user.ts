/** Runs programs as another user, where this process is root's. */

import { fileURLToPath } from "node:url";
import { denoFolder } from "../../lib/flow/job/deno_command.ts";
import { inFolderOf } from "../../lib/flow/store/layout.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

export interface User {
  readonly id: number;
  /** The only group beside that of the user's own number. */
  readonly group: number;
  readonly umask: string;
}

/**
 * Runs `argv` as another user, who sees what may lie where only root can go, mounted below `seen`: Deno, its cache and
 * the project.
 */
export function asUser(seen: string, { id, group, umask }: User, argv: string[]): string[] {
  const mounts = [[Deno.execPath(), `${seen}/deno`], [denoFolder(), `${seen}/cache`], [
    PROJECT,
    `${seen}/code`,
  ]];
  for (const [from, to] of mounts) {
    if (Deno.statSync(from).isDirectory) Deno.mkdirSync(to, { recursive: true });
    else inFolderOf(to, () => Deno.writeTextFileSync(to, ""));
  }
  const mount = mounts.map(([from, to]) => `mount --bind '${from}' '${to}'`).join(" && ");
  const become = `setpriv --reuid=${id} --regid=${id} --groups=${group}`;
  const script =
    `${mount} && export HOME=/ DENO_DIR='${seen}/cache' && umask ${umask} && exec ${become} "$@"`;
  const seenArgv = argv.map((arg) => mounts.reduce((text, [from, to]) => text.replace(from, to), arg));
  return ["unshare", "--mount", "sh", "-c", script, "sh", ...seenArgv];
}

/** Whether this process may run others as another user. */
export async function canBeOthers(): Promise<boolean> {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return false;
  const folder = Deno.makeTempDirSync();
  try {
    Deno.chmodSync(folder, 0o755);
    const [program, ...args] = asUser(folder, { id: 61001, group: 61001, umask: "022" }, [
      Deno.execPath(),
      "--version",
    ]);
    return (await new Deno.Command(program, { args }).output()).success;
  } catch {
    return false;
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
