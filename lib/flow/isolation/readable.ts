/** What an isolated task may read beside its inputs: the system's folders, its programs, and the code of kinds. */

import { basename, dirname, isAbsolute, join } from "node:path";
import { resolveProgram } from "../process/spawn.ts";
import { realPath } from "../real_path.ts";

/** Folders with the system's programs, libraries and settings, and its devices. */
export const SYSTEM_FOLDERS: readonly string[] = [
  ...[
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/etc",
    "/opt",
    "/nix",
    "/gnu",
    "/snap",
  ],
  ...["/proc", "/sys", "/dev", "/var/cache/fontconfig"],
  // Settings to which /etc has links.
  ...["/run/systemd/resolve", "/run/resolvconf", "/run/NetworkManager", "/run/current-system"],
  ...["/run/opengl-driver", "/mnt/wsl/resolv.conf"],
];

/** What an installation has beside its `bin`; the folder that has them may well be somebody's home. */
const INSTALLED = ["lib", "lib64", "libexec", "share", "include", "etc", "ssl", "conda-meta", "pyvenv.cfg"];

const known = new Map<string, readonly string[]>();

/**
 * What a program needs to be run: itself, the folders on its PATH, and for each of these that is named `bin` the parts of
 * the installation that it belongs to, such as a conda environment.
 */
export function programFolders(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
): readonly string[] {
  const key = `${argv[0]}\n${env.PATH ?? ""}`;
  let folders = known.get(key);
  if (!folders) known.set(key, folders = lookUp(argv, env));
  return folders;
}

function lookUp(argv: readonly string[], env: Readonly<Record<string, string>>): string[] {
  const onPath = (env.PATH ?? "").split(":").filter(isAbsolute);
  const program = programFile(argv, env);
  const folders = [...onPath, ...program === undefined ? [] : [program, realPath(program)].map(dirname)];
  const readable = folders.flatMap((folder) =>
    [folder, realPath(folder)].filter((path) => basename(path) === "bin").flatMap((bin) => [
      bin,
      ...INSTALLED.map((name) => join(dirname(bin), name)),
    ])
  );
  const outside = [...onPath, ...readable, ...program === undefined ? [] : [program]].filter((path) =>
    !SYSTEM_FOLDERS.some((folder) => path === folder || path.startsWith(`${folder}/`))
  );
  return [...new Set(outside)].sort();
}

/** Undefined for one in the work folder, or one that is not found. */
function programFile(argv: readonly string[], env: Readonly<Record<string, string>>): string | undefined {
  if (argv[0].includes("/") && !isAbsolute(argv[0])) return undefined;
  try {
    return resolveProgram({ argv: [...argv], env: { ...env }, cwd: "/" });
  } catch {
    return undefined;
  }
}
