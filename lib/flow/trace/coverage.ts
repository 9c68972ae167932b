/** Which of the files that an action reads its key covers, and which are the system's own. */

import { join } from "node:path";
import type { Item } from "../kind.ts";
import { denoFolder } from "../job/deno_command.ts";
import type { ResolvedTask } from "../key/resolve.ts";
import { realPath } from "../real_path.ts";

/** An action as it was prepared to run. */
export interface PreparedAction {
  readonly resolved: ResolvedTask;
  readonly cwd: string;
  readonly temporary: string;
  /** The paths of its inputs, by name. */
  readonly inputs: Readonly<Record<string, readonly string[]>>;
  /** The items that it runs: a key covers only the files that its item names, and what its facts say of others. */
  readonly items?: readonly Item[];
  /** The files of the code that the process runs, those of the engine among them; none for a program. */
  readonly code: readonly string[];
}

/** `deno`: its executable, its configuration and what it keeps of code that it has compiled. */
export type Cover = "key" | "system" | "deno" | "none";

/** What comes with the system, and what the kernel shows; /dev/shm is memory that programs share as files. */
const SYSTEM = /^\/(usr|lib|lib32|lib64|libx32|bin|sbin|proc|sys|nix\/store|dev(?!\/shm\/))\//;
const SYSTEM_FILES = /^\/etc\/(ld\.so\.[^/]+|locale\.[^/]+|nsswitch\.conf|machine-id)$/;

export class Coverage {
  readonly #own: string;
  readonly #inputs: string;
  readonly #isProgram: boolean;
  readonly #packages: Readonly<Record<string, string>>;
  readonly #cache: string;
  readonly #executable: string;
  readonly #roots: readonly string[];
  readonly #files: ReadonlySet<string>;

  constructor(action: PreparedAction) {
    const { resolved, cwd, temporary, items, code } = action;
    this.#own = realPath(cwd);
    const hasFacts = items?.every(({ facts }) => facts !== undefined) ?? true;
    this.#inputs = hasFacts ? "" : join(this.#own, "in");
    this.#isProgram = resolved.kind.isProgram;
    this.#packages = resolved.manifest.code.packages;
    this.#cache = realPath(denoFolder());
    this.#executable = realPath(Deno.execPath());
    const linked = resolved.inputs.flatMap((input) =>
      input.from === "source" ? input.source.links.map(({ path }) => join(input.source.path, path)) : []
    );
    const whole = Object.values(action.inputs).flat();
    const named = hasFacts
      ? undefined
      : items!.flatMap(({ files }) =>
        Object.entries(files).flatMap(([name, paths]) => paths.map((path) => join(cwd, "in", name, path)))
      );
    this.#roots = [join(temporary, "scratch"), ...(named ?? [...whole, ...linked])].map(realPath);
    this.#files = new Set(code.map(realPath));
  }

  /** @param path absolute, without symbolic links */
  of(path: string): Cover {
    const isOwn = isIn(path, this.#own) && !(this.#inputs && isIn(path, this.#inputs));
    if (isOwn || this.#files.has(path) || this.#roots.some((root) => isIn(path, root))) return "key";
    const stated = this.#packageOf(path);
    if (stated !== undefined) return stated ? "key" : "none";
    if (!this.#isProgram && (path === this.#executable || isIn(path, this.#cache))) return "deno";
    return SYSTEM.test(path) || SYSTEM_FILES.test(path) ? "system" : "none";
  }

  /** For a file of an npm package: whether the key has the digest of the package. */
  #packageOf(path: string): boolean | undefined {
    if (this.#isProgram) return undefined;
    const cached = isIn(path, join(this.#cache, "npm")) ? path.slice(this.#cache.length) : "";
    const [, name, version] = /^\/npm\/[^/]+\/(@[^/]+\/[^/]+|[^@/]+)\/([^/]+)\//.exec(cached) ??
      /\/node_modules\/\.deno\/(@[^/+]+\+[^/@]+|[^/@]+)@([^/_]+)[^/]*\/node_modules\//.exec(path) ?? [];
    if (name === undefined) return undefined;
    const versions = Object.hasOwn(this.#packages, name.replace("+", "/"))
      ? this.#packages[name.replace("+", "/")].split(", ")
      : [];
    return versions.some((pinned) => pinned.replace(/_.*/, "") === version);
  }
}

function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
