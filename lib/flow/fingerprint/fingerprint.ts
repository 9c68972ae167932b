/** The fingerprint of a kind's code: all code that its file reaches, and nothing that can't change its behaviour. */
import { dirname, resolve } from "node:path";
import { bundle } from "../bundle.ts";
import { denoConfig, projectFolder } from "../project_folder.ts";
import { sha256Hex } from "../store/digest.ts";
import { preciseNow } from "../store/settle.ts";
import { StatKey } from "../store/stat_key.ts";
import type { CodeIdentity, Fingerprint } from "./code_identity.ts";
import { changedFiles, keysOf } from "./edited.ts";
import { FingerprintError, pinnedVersions } from "./packages.ts";

const lockFile = resolve(projectFolder, "deno.lock");

/** Code that keeps being edited while it is read is given up after so many tries. */
const ATTEMPTS = 5;

/** A file changed so shortly before it was read may change again without its stat key showing it. */
const SETTLED_MS = 50;

/**
 * The fingerprint of the module at an absolute path, of which no file was edited while it was read.
 *
 * @returns `settled`: whether every later edit of a file will show in its stat key, so that it can be remembered
 * @throws BundleError, FingerprintError
 */
export async function takeFingerprint(
  file: string,
): Promise<{ readonly fingerprint: Fingerprint; readonly settled: boolean }> {
  let last: Fingerprint | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const started = preciseNow();
    const { code, files } = await fingerprintFile(file);
    const fingerprint: Fingerprint = { code, keys: keysOf(files) };
    if (areSettled(fingerprint, started)) return { fingerprint, settled: true };
    // Times that lie ahead are those of another machine's clock, and never settle.
    const isSteady = last && changedFiles(last).length === 0 && last.code.digest === code.digest;
    if (isSteady) return { fingerprint, settled: false };
    last = fingerprint;
    await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
  }
  throw new FingerprintError(`${file}, or code that it reaches, keeps being edited while it is read`);
}

function areSettled({ keys }: Fingerprint, started: number): boolean {
  return Object.values(keys).every((text) => {
    const key = StatKey.parse(text);
    return key !== undefined && key.changedAt <= started - SETTLED_MS;
  });
}

/** The identity of the module at an absolute path, and the files (absolute, sorted) that were read for it. */
export async function fingerprintFile(
  file: string,
): Promise<{ readonly code: CodeIdentity; readonly files: readonly string[] }> {
  const digests: string[] = [];
  const packages = new Set<string>();
  const files = new Set([denoConfig, lockFile]);
  const entries = [file];
  const seen = new Set(entries);
  for (const entry of entries) {
    files.add(entry);
    if (!/\.[mc]?[jt]s$/.test(entry)) {
      digests.push(sha256Hex(Deno.readFileSync(entry)));
      continue;
    }
    const { code, modules, keptModules, packages: imported } = await bundle(entry, {
      format: "esm",
      minify: true,
    });
    if (/\bimport\((?!["'`])/.test(code)) {
      throw new FingerprintError(
        `${entry} imports a module by a computed name, which can't be followed; name it in full`,
      );
    }
    digests.push(sha256Hex(code));
    for (const module of modules) files.add(module);
    for (const specifier of imported) packages.add(specifier);
    for (const named of keptModules.flatMap(filesNamedByUrl)) {
      if (!seen.has(named)) entries.push(named);
      seen.add(named);
    }
  }
  const lock = JSON.parse(Deno.readTextFileSync(lockFile));
  return {
    code: {
      digest: digests.length === 1 ? digests[0] : sha256Hex(digests.join("\n")),
      packages: pinnedVersions([...packages], lock),
    },
    files: [...files].sort(),
  };
}

/** Workers and data beside the code: `new URL("./x.ts", import.meta.url)` names a file that no import does. */
function filesNamedByUrl(module: string): string[] {
  const text = Deno.readTextFileSync(module);
  const named = text.matchAll(/new URL\(\s*(["'`])([^"'`]+)\1\s*,\s*import\.meta\.url/g);
  return [...named].map(([, , specifier]) => {
    const path = resolve(dirname(module), specifier);
    if (isFile(path)) return path;
    throw new FingerprintError(
      `${module} names ${specifier}, which is not a file, so the code's identity can't be computed`,
    );
  });
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
