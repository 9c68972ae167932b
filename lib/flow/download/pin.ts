/**
 * Pins files that publish no SHA-256: the first digest seen is written to a lock file, and checked from then on.
 *
 *     deno task pin-download LOCKFILE URL [MD5]
 */
import { createReadStream, existsSync } from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { FlowError } from "../errors.ts";
import { fetchFile } from "./fetch_file.ts";

export interface Pin {
  /** Hex. */
  readonly sha256: string;
  /** In bytes. */
  readonly size: number;
}

/** By URL. */
export type Pins = Record<string, Pin>;

/**
 * Fetches the file and writes its pin into the lock file, which is made where there is none. A file that is pinned
 * already is fetched and checked, and the lock file stays as it is.
 *
 * @param md5 what its publisher states, checked as well
 * @throws {DownloadError} where the file can't be had, or is not what was pinned or stated.
 */
export async function pinDownload(
  lockFile: string,
  url: string,
  md5?: string,
  log: (message: string) => void = () => {},
): Promise<Pin> {
  const pins = readPins(lockFile);
  const folder = Deno.makeTempDirSync();
  try {
    const partFile = join(folder, "file");
    await fetchFile({ urls: [url], expected: { ...pins[url], md5 }, partFile, log });
    const hash = createHash("sha256");
    for await (const chunk of createReadStream(partFile)) hash.update(chunk);
    const pin = { sha256: hash.digest("hex"), size: Deno.statSync(partFile).size };
    if (!pins[url]) {
      const sorted = Object.entries({ ...pins, [url]: pin }).sort(([a], [b]) => a < b ? -1 : 1);
      Deno.writeTextFileSync(`${lockFile}.new`, JSON.stringify(Object.fromEntries(sorted), null, 2) + "\n");
      Deno.renameSync(`${lockFile}.new`, lockFile);
    }
    return pin;
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

function readPins(lockFile: string): Pins {
  if (!existsSync(lockFile)) return {};
  try {
    return JSON.parse(Deno.readTextFileSync(lockFile)) as Pins;
  } catch (error) {
    throw new FlowError("lock-file", `${lockFile} can't be read as JSON: ${(error as Error).message}`);
  }
}

if (import.meta.main) {
  const [lockFile, url, md5] = Deno.args;
  if (url === undefined) {
    console.error("deno task pin-download LOCKFILE URL [MD5]");
    Deno.exit(2);
  }
  try {
    const { sha256, size } = await pinDownload(lockFile, url, md5, console.error);
    console.log(`${url}\n  sha256 ${sha256}\n  ${size} bytes, pinned in ${lockFile}`);
  } catch (error) {
    if (!(error instanceof FlowError)) throw error;
    console.error(error.message);
    Deno.exit(1);
  }
}
