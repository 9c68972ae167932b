/** Fingerprints remembered in a folder, each for as long as the stat keys of its files stay. */
import { basename, join } from "node:path";
import { sha256Hex } from "../store/digest.ts";
import { StatKey } from "../store/stat_key.ts";
import type { Fingerprint } from "./code_identity.ts";

/** Raised when a fingerprint is computed in another way. */
const schema = 1;

/** A file changed so shortly before it was read may change again without its stat key showing it. */
const settledMilliseconds = 50;

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

/** The remembered fingerprint of the module `file`, if none of its files changed since. */
export function recall(folder: string, file: string): Fingerprint | undefined {
  try {
    const memory: Memory = JSON.parse(Deno.readTextFileSync(memoryFile(folder, file)));
    if (memory.schema !== schema || memory.file !== file) return undefined;
    const files = Object.keys(memory.keys);
    const holds = files.every((path) => StatKey.of(path)?.toString() === memory.keys[path]);
    return holds && files.length > 0 ? { code: memory.code, files } : undefined;
  } catch {
    // A memory that is absent or torn costs only time.
    return undefined;
  }
}

/** @param started when the first file was read, in milliseconds since 1970 */
export function remember(folder: string, file: string, { code, files }: Fingerprint, started: number): void {
  const keys: Record<string, string> = {};
  for (const path of files) {
    const key = StatKey.of(path);
    if (!key || key.changedAt > started - settledMilliseconds) return;
    keys[path] = key.toString();
  }
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
