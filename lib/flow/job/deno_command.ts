/** The `deno run` command line of a kind's process, with minimal permissions. */

import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { FlowError } from "../errors.ts";
import type { ModelsToAdd, Permissions } from "../kind.ts";
import { denoConfig, projectFolder } from "../project_folder.ts";
import { LIBRARY_PATHS } from "../../system/libc.ts";
import { readFolder } from "../../system/read_folder.ts";

const processModule = new URL("./kind_process.ts", import.meta.url).href;

/**
 * The main module of a kind's process. All imports are named in full, so that Deno follows them without a permission to
 * read, and the code can't read its own text, of which comments are in no key.
 *
 * @param models are added before the kind's code is read
 */
export function mainModule(kindFile: string, models?: ModelsToAdd): string {
  const text = JSON.stringify;
  const urlOf = (path: string) => text(pathToFileURL(path).href);
  const adding = Object.entries(models?.files ?? {}).map(([name, path]) =>
    `  addOwnModel(${text(name)}, (await import(${urlOf(path)})).default);\n`
  );
  const taking = models ? `  const { addOwnModel } = await import(${text(models.module)});\n` : "";
  return `import { runJobFile } from ${text(processModule)};
await runJobFile(async () => {
${taking}${adding.join("")}  return await import(${urlOf(kindFile)});
});
`;
}

export interface DenoCommandOptions {
  /** The file with the text of {@link mainModule}, and the arguments of the process. */
  args: string[];
  /** The folder of the kinds. */
  kindFolder: string;
  permissions: Permissions;
  /** What it may read beside its working folder (see `Fingerprint.reads`). */
  reads: readonly string[];
}

/**
 * The program and arguments that run a kind's process in its working folder. It may read that folder, write its `out`
 * and `tmp`, read the files that its fingerprint covers, and use what the kind lists; nothing else is granted. Links in
 * the working folder may be followed, so sources and the scratch folder need no further permission. Npm packages are
 * imported without a permission to read; native libraries are loaded from these alone, beside the C library.
 *
 * @throws FlowError if a path contains a comma, which Deno's flags can't express
 */
export function denoCommand({ args, kindFolder, permissions, reads }: DenoCommandOptions): string[] {
  const config = configFile(kindFolder);
  const paths = reads.flatMap((read) => read.startsWith("npm:") ? packageFolders(read.slice(4)) : [read]);
  const flags = ["run", "--quiet", "--no-prompt", "--no-check", "--no-remote", "--config", config];
  flags.push(allow("read", [".", ...paths]), allow("write", ["out", "tmp"]));
  if (permissions.ffi) {
    flags.push(allow("ffi", [join(denoFolder(), "npm"), ...LIBRARY_PATHS, ...paths]));
  }
  for (const name of ["net", "env", "sys"] as const) {
    const granted = permissions[name];
    if (granted === true) flags.push(`--allow-${name}`);
    else if (granted && granted.length > 0) flags.push(allow(name, [...granted]));
  }
  return [Deno.execPath(), ...flags, ...args];
}

/**
 * The files and folders that a kind's process opens before the kind's code runs and while it is imported: also modules
 * that are imported for nothing that is used, which are not among the files of the code.
 *
 * @param files the files of the kind's code
 */
export function codeFolders(kindFolder: string, files: readonly string[]): string[] {
  const engineFolder = join(import.meta.dirname!, "../..");
  const config = configFile(kindFolder);
  const projects = [dirname(config), projectFolder];
  const folders = files.map((file) => {
    const project = projects.find((folder) => file.startsWith(`${folder}/`));
    // A folder of code in the project, such as lib, with all below; of elsewhere the folder of the module.
    return project === undefined
      ? dirname(file)
      : join(project, file.slice(project.length + 1).split("/")[0]);
  });
  return [...new Set([Deno.execPath(), denoFolder(), engineFolder, config, ...folders])];
}

/** Deno keeps a package's files below the registry's name, of which there may be several. */
function packageFolders(nameAndVersion: string): string[] {
  const cache = join(denoFolder(), "npm");
  return readFolder(cache).map(({ name }) => join(cache, name, nameAndVersion)).sort();
}

function allow(name: string, values: string[]): string {
  const bad = values.find((value) => value.includes(","));
  if (bad !== undefined) {
    throw new FlowError(
      "comma-in-path",
      `"${bad}" has a comma, so Deno cannot be told to allow it: move or rename it`,
    );
  }
  return `--allow-${name}=${values.join(",")}`;
}

/** The nearest deno.json at or above `folder`, else this project's: it has the import map of the kinds. */
export function configFile(folder: string): string {
  for (let at = folder;; at = dirname(at)) {
    for (const name of ["deno.json", "deno.jsonc"]) {
      const file = join(at, name);
      try {
        if (Deno.statSync(file).isFile) return file;
      } catch {
        // Not here.
      }
    }
    if (dirname(at) === at) return denoConfig;
  }
}

/** Where Deno keeps npm packages. */
export function denoFolder(): string {
  const stated = Deno.env.get("DENO_DIR");
  if (stated) return stated;
  const home = homedir();
  switch (Deno.build.os) {
    case "darwin":
      return join(home, "Library", "Caches", "deno");
    case "windows":
      return join(Deno.env.get("LOCALAPPDATA") ?? home, "deno");
    default:
      return join(Deno.env.get("XDG_CACHE_HOME") ?? join(home, ".cache"), "deno");
  }
}
