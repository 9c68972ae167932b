/** Fetches the packages of modules to Deno's cache before a job needs them: nodes may have no network. */

import { FlowError } from "../errors.ts";
import { configFile } from "../job/deno_command.ts";

/** Prepares the code of the kinds in a folder, each once. */
export class CodePreparation {
  readonly #done = new Map<string, Promise<void>>();

  constructor(readonly kindFolder: string) {}

  /** @param files absolute paths of modules, and of other files, which need nothing; what was prepared is not prepared again @throws FlowError packages-missing */
  prepare(files: readonly string[]): Promise<void> {
    const modules = files.filter((file) => /\.[mc]?[jt]sx?$/.test(file));
    if (modules.length === 0) return Promise.resolve();
    const key = modules.join("\n");
    const done = this.#done.get(key) ?? fetchPackages(modules, configFile(this.kindFolder));
    this.#done.set(key, done);
    return done;
  }
}

async function fetchPackages(modules: readonly string[], config: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["cache", "--quiet", "--config", config, ...modules],
    stdin: "null",
    stdout: "null",
  }).output();
  if (success) return;
  throw new FlowError(
    "packages-missing",
    `the packages of a task can't be fetched for the nodes: ${new TextDecoder().decode(stderr).trim()}`,
  );
}
