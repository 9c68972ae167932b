/** Fingerprints remembered in a folder, each for as long as the stat keys of its files stay. */
import { basename, join } from "node:path";
import { sha256Hex } from "../store/digest.ts";
import { StatKey } from "../store/stat_key.ts";
import type { Fingerprint } from "./code_identity.ts";
import { changedFiles } from "./edited.ts";

/** Raised when a fingerprint is computed in another way. */
const schema = 1;

/** A file changed so shortly before it was read may change again without its stat key showing it. */
export const SETTLED_MS = 50;

interface Memory {
  readonly schema: number;
  /** The file of the kind: one store may serve several projects. */
  readonly file: string;
  readonly code: Fingerprint["code"];
  /** Stat keys by path. */
  readonly keys: Readonly<Record<string, string>>;
}

function memoryFile(folder: string, file: string): string {
  return join(folder, "fingerprints", `${basename(file)}-${sha256Hex(file).slice(0, 16)}.json`);
}

/** The stat keys of `files` by path; one of a file that is gone is empty. */
export function keysOf(files: readonly string[]): Record<string, string> {
  return Object.fromEntries(files.map((path) => [path, StatKey.of(path)?.toString() ?? ""]));
}

/** Whether no file changed, even unseen, since the first of them was read, at `started` (milliseconds since 1970). */
export function areSettled({ keys }: Fingerprint, started: number): boolean {
  return Object.values(keys).every((text) => {
    const key = StatKey.parse(text);
    return key !== undefined && key.changedAt <= started - SETTLED_MS;
  });
}

/** The remembered fingerprint of the module `file`, if none of its files changed since. */
export function recall(folder: string, file: string): Fingerprint | undefined {
  try {
    const memory: Memory = JSON.parse(Deno.readTextFileSync(memoryFile(folder, file)));
    if (memory.schema !== schema || memory.file !== file) return undefined;
    const { code, keys } = memory;
    const holds = Object.keys(keys).length > 0 && changedFiles({ code, keys }).length === 0;
    return holds ? { code, keys } : undefined;
  } catch {
    // A memory that is absent or torn costs only time.
    return undefined;
  }
}

export function remember(folder: string, file: string, { code, keys }: Fingerprint): void {
  const memory: Memory = { schema, file, code, keys };
  const path = memoryFile(folder, file);
  const temporary = `${path}.${crypto.randomUUID()}`;
  try {
    Deno.mkdirSync(join(folder, "fingerprints"), { recursive: true });
    Deno.writeTextFileSync(temporary, JSON.stringify(memory));
    Deno.renameSync(temporary, path);
  } catch {
    // A folder that can't be written to only forgets.
  }
}
