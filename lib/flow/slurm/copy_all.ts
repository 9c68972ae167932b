/** Copies of files and folders as they are, by the program `cp`: links as links, and what can't be kept for the store to refuse. */

/** So many at once fit into a command line. */
const MOST_AT_ONCE = 500;

/** Copies each of `paths` into the folder `to` under its own name. @throws Error with what `cp` says */
export async function copyAll(paths: readonly string[], to: string): Promise<void> {
  for (let at = 0; at < paths.length; at += MOST_AT_ONCE) {
    const some = paths.slice(at, at + MOST_AT_ONCE);
    const { success, stderr } = await new Deno.Command("cp", {
      args: [
        "--recursive",
        "--no-dereference",
        "--preserve=mode,links",
        `--target-directory=${to}`,
        "--",
        ...some,
      ],
      env: { LC_ALL: "C" },
      stdin: "null",
      stdout: "null",
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr).trim() || "cp was ended");
  }
}
