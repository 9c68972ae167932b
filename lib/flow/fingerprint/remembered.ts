/** Fingerprints remembered in a folder, each for as long as the stat keys of its files stay. */
import { inFolderOf, LAYOUT } from "../store/layout.ts";
import { readPlainText } from "../store/plain_file.ts";
import { replaceFile } from "../store/replace_file.ts";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { KindRegistry } from "../kind.ts";
import { kindFile } from "../kind_file.ts";
import { sha256Hex } from "../store/digest.ts";
import type { Fingerprint } from "./code_identity.ts";
import { changedFiles } from "./edited.ts";

/** Raised when a fingerprint is computed in another way. */
const schema = 2;

interface Memory extends Fingerprint {
  readonly schema: number;
  /** The file of the kind: one store may serve several projects. */
  readonly file: string;
}

function memoryFile(folder: string, file: string): string {
  return join(folder, LAYOUT.fingerprints, `${basename(file)}-${sha256Hex(file).slice(0, 16)}.json`);
}

/**
 * The fingerprint of the module at an absolute path, such as a kind's. Comments, formatting, tests and code that is not reached don't show in it; a new version of
 * esbuild may.
 * @param memory a folder (the store) which remembers the fingerprint for as long as no file of it changes
 * @throws BundleError, FingerprintError
 */
export async function fingerprintOf(file: string, memory: string): Promise<Fingerprint> {
  const remembered = recall(memory, file);
  if (remembered) return remembered;
  // Loaded only now: mostly nothing has changed.
  const { takeFingerprint } = await import("./fingerprint.ts");
  const { fingerprint, settled } = await takeFingerprint(file);
  if (settled) remember(memory, file, fingerprint);
  return fingerprint;
}

/** The fingerprint of a kind. */
export function fingerprintKind(name: string, registry: KindRegistry, memory: string): Promise<Fingerprint> {
  return fingerprintOf(kindFile(name, fileURLToPath(registry.folder), registry.ownKinds), memory);
}

/** The remembered fingerprint of the module `file`, if none of its files changed since. */
function recall(folder: string, file: string): Fingerprint | undefined {
  try {
    const memory: Memory = JSON.parse(readPlainText(memoryFile(folder, file)));
    if (memory.schema !== schema || memory.file !== file) return undefined;
    const { code, keys, reads, impure } = memory;
    const holds = Object.keys(keys).length > 0 && changedFiles(memory).length === 0;
    return holds ? { code, keys, reads, impure } : undefined;
  } catch {
    // A memory that is absent or torn costs only time.
    return undefined;
  }
}

function remember(folder: string, file: string, fingerprint: Fingerprint): void {
  const memory: Memory = { schema, file, ...fingerprint };
  const path = memoryFile(folder, file);
  try {
    inFolderOf(path, () => replaceFile(path, JSON.stringify(memory)));
  } catch {
    // A folder that can't be written to only forgets.
  }
}
