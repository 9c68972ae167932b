/** Bazel as a client of a shared cache: one build of many small rules, of which every result comes from the cache. */

import { join } from "node:path";

/** Whether it is installed. */
export function isThereBazel(): boolean {
  try {
    return new Deno.Command("bazel", { args: ["--version"], stdout: "null", stderr: "null" }).outputSync()
      .success;
  } catch {
    return false;
  }
}

export interface BazelOptions {
  /** For the workspace and all that Bazel makes. */
  readonly folder: string;
  /** Of the cache. */
  readonly url: string;
  /** How many results the build has, of 400 bytes each. */
  readonly results: number;
  /** Actions at once. */
  readonly jobs: number;
}

/** A build with one rule for each result. Its server runs until it is closed. */
export class BazelBuild {
  constructor(readonly options: BazelOptions) {
    const rules = Array.from(
      { length: options.results },
      (_, i) => `genrule(name = "r${i}", outs = ["r${i}.txt"], cmd = "printf %0400d ${i} > $@")\n`,
    );
    Deno.mkdirSync(options.folder);
    Deno.writeTextFileSync(join(options.folder, "WORKSPACE"), "");
    Deno.writeTextFileSync(join(options.folder, "BUILD"), rules.join(""));
  }

  /** Runs all rules, and sends their results to the cache. */
  send(): void {
    this.#build([]);
  }

  /** Milliseconds to fetch all results. Before that, the server is started, and has read and analysed the build. */
  fetchAll(): number {
    this.#run(["clean"]);
    this.#build(["--nobuild"]);
    const begin = performance.now();
    const told = this.#build(["--noremote_upload_local_results"]);
    const ms = performance.now() - begin;
    if (told.includes(` ${this.options.results} remote cache hit`)) return ms;
    throw new Error(`Bazel did not take all results from the cache: ${told.slice(-500)}`);
  }

  close(): void {
    this.#run(["shutdown"]);
    // Bazel takes away the right to write.
    new Deno.Command("chmod", { args: ["-R", "u+w", this.options.folder] }).outputSync();
  }

  #build(more: readonly string[]): string {
    const { url, jobs } = this.options;
    const cache = [`--remote_cache=${url}`, "--remote_download_outputs=all"];
    const local = ["--spawn_strategy=local", `--jobs=${jobs}`];
    const quiet = ["--color=no", "--noshow_progress", "--show_result=0"];
    return this.#run(["build", "//:all", ...cache, ...local, ...quiet, ...more]);
  }

  /** What it printed. */
  #run(args: readonly string[]): string {
    const root = `--output_user_root=${join(this.options.folder, "root")}`;
    const { success, stderr } = new Deno.Command("bazel", {
      args: [root, ...args],
      cwd: this.options.folder,
      stdout: "null",
    }).outputSync();
    const told = new TextDecoder().decode(stderr);
    if (!success) throw new Error(`bazel ${args[0]} failed: ${told.slice(-500)}`);
    return told;
  }
}
