/**
 * Pins files without a published digest in a lock file: by the digest of a first download, or by a given one.
 *
 *     deno task pin-download LOCKFILE URL [SHA256 SIZE]
 */
import { replaceFile } from "../store/replace_file.ts";
import { join } from "node:path";
import { print, printError } from "../display/terminal.ts";
import { FlowError } from "../errors.ts";
import { failureText } from "../failure.ts";
import { own } from "../own.ts";
import { digestOf, fetchFile } from "./fetch_file.ts";
import { certificatesOf } from "./network.ts";
import { isThere } from "../../system/is_there.ts";

export interface Pin {
  /** Hex. */
  readonly sha256: string;
  /** In bytes. */
  readonly size: number;
}

/** By URL. */
export type Pins = Record<string, Pin>;

/**
 * Fetches the file and writes its pin into the lock file, which is created if needed. A pinned file
 * is fetched and checked, and the lock file is left unchanged.
 *
 * @throws {DownloadError} if the file can't be downloaded completely, or differs from its pin.
 */
export async function pinDownload(
  lockFile: string,
  url: string,
  log: (message: string) => void = () => {},
): Promise<Pin> {
  const pinned = own(readPins(lockFile), url);
  const folder = Deno.makeTempDirSync();
  try {
    const partFile = join(folder, "file");
    const caCerts = certificatesOf(Deno.env.toObject());
    using client = caCerts.length > 0 ? Deno.createHttpClient({ caCerts }) : undefined;
    await fetchFile({ urls: [url], expected: pinned ?? {}, partFile, log, client });
    const pin = pinned ??
      { sha256: await digestOf(partFile, "sha256"), size: Deno.statSync(partFile).size };
    writePin(lockFile, url, pin);
    return pin;
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/**
 * Writes a pin into the lock file.
 *
 * @throws {FlowError} if it is no pin, or the URL is pinned to another digest.
 */
export function writePin(lockFile: string, url: string, { sha256, size }: Pin): void {
  if (!/^[0-9a-f]{64}$/.test(sha256) || !Number.isSafeInteger(size) || size < 0) {
    throw new FlowError(
      "lock-file",
      `${sha256}, ${size} is not a pin: expected 64 hexadecimal digits and a number of bytes`,
    );
  }
  const pins = readPins(lockFile);
  const pinned = own(pins, url);
  if (pinned?.sha256 === sha256 && pinned.size === size) return;
  if (pinned) {
    throw new FlowError(
      "lock-file",
      `${url} is pinned in ${lockFile} already: sha256 ${pinned.sha256}, ${pinned.size} bytes; to take another file, ` +
        "remove that entry first",
    );
  }
  const sorted = Object.entries({ ...pins, [url]: { sha256, size } }).sort(([a], [b]) => a < b ? -1 : 1);
  replaceFile(lockFile, JSON.stringify(Object.fromEntries(sorted), null, 2) + "\n");
}

function readPins(lockFile: string): Pins {
  if (!isThere(lockFile)) return {};
  try {
    return JSON.parse(Deno.readTextFileSync(lockFile)) as Pins;
  } catch (error) {
    throw new FlowError("lock-file", `${lockFile} can't be read as JSON: ${(error as Error).message}`);
  }
}

if (import.meta.main) {
  const [lockFile, url, sha256, size] = Deno.args;
  if (url === undefined || (sha256 === undefined) !== (size === undefined)) {
    printError("deno task pin-download LOCKFILE URL [SHA256 SIZE]\n");
    Deno.exit(2);
  }
  try {
    let pin: Pin;
    if (sha256 === undefined) pin = await pinDownload(lockFile, url, (message) => printError(`${message}\n`));
    else writePin(lockFile, url, pin = { sha256, size: Number(size) });
    print(url, `  sha256 ${pin.sha256}`, `  ${pin.size} bytes, pinned in ${lockFile}`);
  } catch (error) {
    printError(`error: ${failureText(error)}\n`);
    Deno.exit(1);
  }
}
