/** Fetches a file over HTTP to a path: resumes, retries with back-off, and checks its digest before it counts. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { dirname } from "node:path";
import { FlowError } from "../errors.ts";
import { isFull } from "../failure.ts";
import { DiskRoom, NoSpaceError } from "./disk_room.ts";
import { bytesOf, innermost, Interrupted, totalSize } from "./response.ts";
import { isThere } from "../../system/is_there.ts";

/**
 * The expected file. MD5 is for files that publish nothing better, and needs the size too. Without a digest any
 * complete file is accepted: see `fetchFile`.
 */
export interface ExpectedFile {
  /** SHA-256, hex. */
  readonly sha256?: string;
  readonly md5?: string;
  /** Bytes; without it the file may have 100 GB at most. */
  readonly size?: number;
}

export interface FetchOptions {
  /** Places of the same file, tried in order. */
  readonly urls: readonly string[];
  readonly expected: ExpectedFile;
  /** The path to write to. Existing bytes are taken for the beginning of the file. */
  readonly partFile: string;
  readonly progress?: (done: number, total: number | undefined) => void;
  readonly log?: (message: string) => void;
  readonly signal?: AbortSignal;
  /** Attempts at one place without a new byte before it is given up. */
  readonly attempts?: number;
  /** Wait before the second attempt; it doubles with each further one. */
  readonly backoffMs?: number;
  /** A connection that gives no byte for this long is cut. */
  readonly stallMs?: number;
  /** The most bytes of a file whose size is not stated. */
  readonly mostBytes?: number;
  /** With certificates of its own. */
  readonly client?: Deno.HttpClient;
}

type Failure =
  | "download-failed"
  | "download-no-space"
  | "download-not-a-file"
  | "download-not-pinned"
  | "download-wrong-digest"
  | "download-wrong-size";

/** A download that failed or gave another file than expected; the message names the URL. */
export class DownloadError extends FlowError {
  constructor(failure: Failure, message: string) {
    super(failure, message);
  }
}

const NETWORK_HINT =
  "proxies are taken from HTTP_PROXY, HTTPS_PROXY and NO_PROXY, certificates from SSL_CERT_FILE, DENO_CERT and " +
  "NODE_EXTRA_CA_CERTS";
const longestBackoffMs = 30_000;
const MOST_UNSTATED_BYTES = 100e9;

/**
 * Fetches until `partFile` holds the expected file. A file with another digest is removed. Where no digest is
 * expected, bytes of two files must not be taken for one: what an earlier process left is not gone on from, a cut
 * connection only where the server says that the file is still the same; the server must say how long the file is, and
 * a web page is refused. A file that is too long, or for which the disk has no room, leaves nothing behind.
 * @throws DownloadError, NoSpaceError; any other error is of the disk or the caller's signal
 */
export async function fetchFile(options: FetchOptions): Promise<void> {
  const failures: string[] = [];
  for (const url of options.urls) {
    try {
      return await new PackedPlace(url, options).fetch();
    } catch (error) {
      if (!(error instanceof DownloadError) || options.urls.length === 1) throw error;
      failures.push(error.message);
      options.log?.(error.message);
    }
  }
  throw new DownloadError("download-failed", `no URL provided the file:\n${failures.join("\n")}`);
}

class TooLong extends Error {
  constructor(bytes: number, most: number) {
    super(
      `the file has ${bytes} bytes or more, and ${most} at most are taken without a stated size: give its size`,
    );
  }
}

class PackedPlace {
  /** The ETag of the file in the first response; only strong ones, which change with any byte. */
  #entityTag?: string;
  readonly #hasDigest: boolean;
  readonly #room: DiskRoom;

  constructor(readonly url: string, readonly options: FetchOptions) {
    const { sha256, md5 } = options.expected;
    this.#hasDigest = sha256 !== undefined || md5 !== undefined;
    this.#room = new DiskRoom(dirname(options.partFile));
  }

  async fetch(): Promise<void> {
    const { partFile, log } = this.options;
    let resumed = sizeOf(partFile) > 0;
    for (;;) {
      await this.#complete();
      const wrong = await this.#whatIsWrong();
      if (!wrong) return;
      const begins = await firstLine(partFile);
      Deno.removeSync(partFile);
      if (!resumed) throw this.#failed(wrong.failure, `${wrong.message}; ${begins}`);
      // Its beginning may be of an older file, or of another place.
      log?.(`${this.url}: ${wrong.message}; starting over`);
      resumed = false;
    }
  }

  #failed(failure: Failure, message: string): DownloadError {
    return new DownloadError(failure, `${this.url}: ${message}`);
  }

  /** Reads until the server reports the end of the file. */
  async #complete(): Promise<void> {
    const { partFile, attempts = 5, backoffMs = 1000, log, signal } = this.options;
    for (let idle = 0;;) {
      const before = sizeOf(partFile);
      try {
        return await this.#attempt(before);
      } catch (error) {
        signal?.throwIfAborted();
        if (!(error instanceof Interrupted)) throw error;
        idle = sizeOf(partFile) > before ? 1 : idle + 1;
        if (idle >= attempts) {
          throw this.#failed("download-failed", `${error.message} (${attempts} attempts without a byte)`);
        }
        const wait = Math.min(backoffMs * 2 ** (idle - 1), longestBackoffMs);
        log?.(`${this.url}: ${error.message}; at ${sizeOf(partFile)} bytes, again in ${wait / 1000} s`);
        await pause(wait, signal);
      }
    }
  }

  /** What would only fill the disk is removed. */
  async #attempt(present: number): Promise<void> {
    const { partFile } = this.options;
    try {
      return await this.#receive(present);
    } catch (error) {
      const isOurs = error instanceof NoSpaceError || error instanceof TooLong;
      if (!isOurs && !isFull(error)) throw error;
      const message = isOurs ? error.message : "no space left on the disk";
      if (isThere(partFile)) Deno.removeSync(partFile);
      throw this.#failed(error instanceof TooLong ? "download-wrong-size" : "download-no-space", message);
    }
  }

  async #receive(present: number): Promise<void> {
    const { expected: { size }, partFile, signal, stallMs = 60_000 } = this.options;
    const most = size ?? this.options.mostBytes ?? MOST_UNSTATED_BYTES;
    const offset = this.#hasDigest || this.#entityTag !== undefined ? present : 0;
    if (offset > 0 && offset === size) return;
    const stall = new AbortController();
    const stalled = () => stall.abort(new Interrupted(`no byte for ${stallMs / 1000} s`));
    let timer = setTimeout(stalled, stallMs);
    const signals = signal ? [signal, stall.signal] : [stall.signal];
    let file: Deno.FsFile | undefined;
    try {
      const response = await this.#request(offset, AbortSignal.any(signals));
      if (!response) return;
      const at = response.status === 206 ? offset : 0;
      const total = totalSize(response, at);
      if (size === undefined && (total ?? 0) > most) throw new TooLong(total!, most);
      this.#room.require(Math.max(0, (size ?? total ?? at) - at));
      file = await Deno.open(partFile, { write: true, create: true });
      await file.truncate(at);
      await file.seek(at, Deno.SeekMode.Start);
      let done = at;
      for await (const chunk of bytesOf(response)) {
        clearTimeout(timer);
        timer = setTimeout(stalled, stallMs);
        done += chunk.length;
        for (let rest = chunk; rest.length > 0;) rest = rest.subarray(await file.write(rest));
        this.options.progress?.(done, size ?? total);
        // The file is too long already; this is reported together with other errors.
        if (size !== undefined && done > size) return;
        if (done > most) throw new TooLong(done, most);
        this.#room.wrote(chunk.length);
      }
      if (total !== undefined && done < total) {
        throw new Interrupted(`the connection ended at ${done} of ${total} bytes`);
      }
    } catch (error) {
      throw stall.signal.aborted ? stall.signal.reason : error;
    } finally {
      clearTimeout(timer);
      file?.close();
    }
  }

  /** The response with the bytes from `offset` (206) or from the beginning (200); undefined if there are no more. */
  async #request(offset: number, signal: AbortSignal): Promise<Response | undefined> {
    const headers: Record<string, string> = { "accept-encoding": "identity" };
    if (offset > 0) {
      headers.range = `bytes=${offset}-`;
      if (!this.#hasDigest) headers["if-range"] = this.#entityTag!;
    }
    const response = await fetch(this.url, { headers, signal, client: this.options.client }).catch(
      (error) => {
        throw signal.aborted ? error : new Interrupted(`no answer: ${innermost(error)}; ${NETWORK_HINT}`);
      },
    );
    if (response.status === 200) {
      if (!this.#hasDigest) await this.#requireFile(response);
      return response;
    }
    const range = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(response.headers.get("content-range") ?? "");
    const isSame = this.#hasDigest || response.headers.get("etag") === this.#entityTag;
    if (response.status === 206 && range && Number(range[1]) === offset && isSame) return response;
    await response.body?.cancel();
    if (response.status === 416 && range && Number(range[2]) === offset) return undefined;
    if (response.status === 206 || response.status === 416) {
      Deno.truncateSync(this.options.partFile, 0);
      throw new Interrupted("the server does not resume at the end of the partial file");
    }
    const message = `the server answered ${response.status} ${response.statusText}`;
    const passes = response.status >= 500 || response.status === 408 || response.status === 429;
    throw passes ? new Interrupted(message) : this.#failed("download-failed", message);
  }

  /** Checks a response without an expected digest: it must be a file, and its length must be known. */
  async #requireFile({ headers, body }: Response): Promise<void> {
    const isPage = /^\s*text\/html\b/i.test(headers.get("content-type") ?? "");
    if (!isPage && headers.has("content-length")) {
      this.#entityTag = /^".*"$/.exec(headers.get("etag") ?? "")?.[0];
      return;
    }
    await body?.cancel();
    throw this.#failed(
      "download-not-a-file",
      isPage
        ? "the server answered with a web page (text/html) instead of a file"
        : "the server does not say how long the file is, so a cut one can't be distinguished from a whole one: give its sha256",
    );
  }

  async #whatIsWrong(): Promise<{ failure: Failure; message: string } | undefined> {
    const { expected, partFile } = this.options;
    const size = sizeOf(partFile);
    if (expected.size !== undefined && size !== expected.size) {
      const given = size > expected.size ? `more than ${expected.size}` : String(size);
      return { failure: "download-wrong-size", message: `it has ${given} bytes, expected ${expected.size}` };
    }
    for (const algorithm of ["sha256", "md5"] as const) {
      const wanted = expected[algorithm]?.toLowerCase();
      if (wanted === undefined) continue;
      const digest = await digestOf(partFile, algorithm);
      if (digest !== wanted) {
        return {
          failure: "download-wrong-digest",
          message: `its ${algorithm} is ${digest}, expected ${wanted}`,
        };
      }
    }
  }
}

/** The digest of a file, in hexadecimal. */
export async function digestOf(path: string, algorithm: "sha256" | "md5"): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk);
  return hash.digest("hex");
}

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

/** Often an error page came in place of the file. */
async function firstLine(path: string): Promise<string> {
  const file = await Deno.open(path);
  const bytes = new Uint8Array(120);
  const length = await file.read(bytes) ?? 0;
  file.close();
  const text = new TextDecoder().decode(bytes.subarray(0, length)).split("\n")[0];
  return `it begins with ${JSON.stringify(text)}`;
}

function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
