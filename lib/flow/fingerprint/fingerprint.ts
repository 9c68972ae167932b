/** The fingerprint of a kind's code: all code that its file reaches, and nothing that can't change its behaviour. */
import { resolve } from "node:path";
import { bundle, importMap } from "../bundle.ts";
import { denoConfig, projectFolder } from "../project_folder.ts";
import { sha256Hex } from "../store/digest.ts";
import { preciseNow } from "../store/file_clock.ts";
import { isSettled, settlesIn } from "../store/settle.ts";
import { StatKey } from "../store/stat_key.ts";
import type { Fingerprint } from "./code_identity.ts";
import { changedFiles, keysOf } from "./edited.ts";
import { targetOf } from "./named_files.ts";
import { FingerprintError, packageName, pinnedPackages } from "./packages.ts";
import { type Scan, scanBundle } from "./scan.ts";

const lockFile = resolve(projectFolder, "deno.lock");

/** Code that keeps being edited while it is read is given up after so many tries. */
const ATTEMPTS = 5;

/**
 * The fingerprint of the module at an absolute path, of which no file was edited while it was read.
 *
 * @returns `settled`: whether every later edit of a file will show in its stat key, so that it can be remembered
 * @throws BundleError, FingerprintError
 */
export async function takeFingerprint(
  file: string,
): Promise<{ readonly fingerprint: Fingerprint; readonly settled: boolean }> {
  let last: { readonly fingerprint: Fingerprint; readonly at: number } | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const started = preciseNow();
    const { files, ...facts } = await fingerprintFile(file);
    const fingerprint: Fingerprint = { ...facts, keys: keysOf(files) };
    const isSteady = last?.fingerprint.code.digest === fingerprint.code.digest &&
      changedFiles(last.fingerprint).length === 0;
    const seenAt = isSteady ? last!.at : undefined;
    const keys = Object.values(fingerprint.keys).map((text) => StatKey.parse(text));
    const young = keys.filter((key) => key === undefined || !isSettled(key, started, seenAt));
    if (young.length === 0) return { fingerprint, settled: true };
    // A file that is gone.
    if (isSteady) return { fingerprint, settled: false };
    last = { fingerprint, at: preciseNow() };
    const waitMs = settlesIn(young.filter((key) => key !== undefined), last.at);
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
  throw new FingerprintError(`${file}, or code that it reaches, keeps being edited while it is read`);
}

/** What one pass over the code of a kind finds. */
interface CodeFacts extends Omit<Fingerprint, "keys"> {
  /** The files that were read for it (absolute, sorted). */
  readonly files: readonly string[];
}

/** @throws BundleError, FingerprintError with the file and line of whatever can't be followed */
export async function fingerprintFile(file: string): Promise<CodeFacts> {
  const digests: string[] = [];
  const packages = new Set<string>();
  const files = new Set([denoConfig, lockFile]);
  const reads = new Set<string>();
  const readPackages = new Set<string>();
  const imports = importMap();
  let impure: string | undefined;
  /** Entries of which the text counts, and not only what their code does, by path. */
  const entries = new Map([[file, false]]);
  for (const [entry, isData] of entries) {
    files.add(entry);
    if (entry !== file) reads.add(entry);
    if (isData) digests.push(sha256Hex(Deno.readFileSync(entry)));
    if (!isModule(entry)) continue;
    const bundled = await bundle(entry, { format: "esm", minify: true });
    const scan = scanBundle(bundled);
    refuseUnknown(scan);
    digests.push(sha256Hex(bundled.code));
    for (const module of bundled.modules) {
      files.add(module);
      if (entry !== file) reads.add(module);
    }
    for (const specifier of bundled.packages) packages.add(specifier);
    for (const named of scan.named) {
      const target = targetOf(named, imports);
      if ("package" in target) {
        packages.add(target.package);
        readPackages.add(packageName(target.package));
      }
      if (!("path" in target)) continue;
      const isCode = named.isWorker && isModule(target.path);
      entries.set(target.path, entries.get(target.path) || !isCode);
    }
    if (scan.impure) impure ??= `${scan.impure.place.file}:${scan.impure.place.line}: ${scan.impure.name}`;
  }
  const lock = JSON.parse(Deno.readTextFileSync(lockFile));
  const pinned = pinnedPackages([...packages], lock);
  for (const name of readPackages) {
    for (const version of pinned.packages[name].split(", ")) {
      reads.add(`npm:${name}/${version.replace(/_.*/, "")}`);
    }
  }
  return {
    code: {
      digest: digests.length === 1 ? digests[0] : sha256Hex(digests.join("\n")),
      ...pinned,
    },
    files: [...files].sort(),
    reads: [...reads].sort(),
    impure,
  };
}

const isModule = (path: string) => /\.[mc]?[jt]s$/.test(path);

function refuseUnknown({ unknown }: Scan): void {
  if (unknown.length === 0) return;
  throw new FingerprintError(
    unknown.map(({ place, problem }) => `${place.file}:${place.line}: ${problem}`).join("\n"),
  );
}
