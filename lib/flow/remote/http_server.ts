/** A cache over HTTP, as bazel-remote, nginx with WebDAV and storage gateways serve it. */

import { messageOf } from "../failure.ts";
import { CacheError, type CacheLimits, type CacheServer } from "./server.ts";

export interface HttpServerOptions {
  /** Without a slash at the end. */
  readonly url: string;
  /** The value of the header `Authorization`. */
  readonly authorization?: string;
  readonly limits: CacheLimits;
  /** With certificates of its own. */
  readonly client?: Deno.HttpClient;
}

/** One that is reached by its URL. */
export class HttpServer implements CacheServer {
  readonly name: string;
  readonly #options: HttpServerOptions;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.name = options.url;
  }

  get(path: string, atMost: number, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#ask("GET", path, signal, async (response, progress) => {
      if (response.status === 404) return undefined;
      if (response.status !== 200) throw unexpected(response);
      const stated = Number(response.headers.get("content-length") ?? NaN);
      if (stated > atMost) throw new CacheError(`${path} has ${stated} bytes; expected at most ${atMost}`);
      return await readBody(response, stated, atMost, progress);
    });
  }

  has(path: string, signal: AbortSignal): Promise<boolean> {
    return this.#ask("HEAD", path, signal, ({ ok }) => Promise.resolve(ok));
  }

  async put(path: string, bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<void> {
    await this.#ask("PUT", path, signal, (response) => {
      if (!response.ok) throw unexpected(response);
      return Promise.resolve();
    }, bytes);
  }

  /** Cuts what is slower than the limits: the whole of a request has `patienceMs`, and what its bytes may take. */
  async #ask<T>(
    method: string,
    path: string,
    signal: AbortSignal,
    use: (response: Response, progress: (bytes: number) => void) => Promise<T>,
    body?: Uint8Array<ArrayBuffer>,
  ): Promise<T> {
    const { url, authorization, client, limits: { patienceMs, slowest } } = this.#options;
    const began = performance.now();
    const slow = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let moved = body?.length ?? 0;
    // Bytes come in thousands of parts: a timer for each would cost more than the rest.
    const watch = () => {
      const left = began + patienceMs + moved / slowest - performance.now();
      if (left <= 0) slow.abort(new CacheError(`${path} comes too slowly`));
      else timer = setTimeout(watch, left);
    };
    const progress = (bytes: number) => moved = bytes;
    watch();
    let response: Response | undefined;
    try {
      response = await fetch(`${url}/${path}`, {
        method,
        // Compressed bytes have another length.
        headers: { "accept-encoding": "identity", ...(authorization && { authorization }) },
        // A cache that leads elsewhere would have the credentials sent there, or plain HTTP used.
        redirect: "manual",
        signal: AbortSignal.any([signal, slow.signal]),
        body,
        client,
      });
      return await use(response, progress);
    } catch (error) {
      if (slow.signal.aborted) throw slow.signal.reason;
      throw error instanceof CacheError ? error : new CacheError(`${path}: ${causeOf(error)}`);
    } finally {
      clearTimeout(timer);
      if (response?.body?.locked === false) await response.body.cancel().catch(() => {});
    }
  }
}

function unexpected({ status }: Response): CacheError {
  const help = status === 401 || status === 403 ? ": it wants other credentials (docs/shared-cache.md)" : "";
  return new CacheError(`it answered ${status}${help}`);
}

/**
 * Never takes more than `atMost` bytes, whatever length was stated.
 *
 * @param stated NaN where no length was stated
 */
async function readBody(
  response: Response,
  stated: number,
  atMost: number,
  progress: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  let bytes = new Uint8Array(stated >= 0 ? stated : 0);
  let length = 0;
  const reader = response.body?.getReader();
  try {
    for (;;) {
      const { value, done } = await reader?.read() ?? { done: true };
      if (done) break;
      const end = length + value!.length;
      if (end > atMost) throw new CacheError(`more than the expected ${atMost} bytes came`);
      if (end > bytes.length) bytes = lengthened(bytes, Math.min(Math.max(end, 2 * length), atMost));
      bytes.set(value!, length);
      length = end;
      progress(length);
    }
  } finally {
    await reader?.cancel().catch(() => {});
  }
  return length === bytes.length ? bytes : bytes.slice(0, length);
}

function lengthened(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const longer = new Uint8Array(length);
  longer.set(bytes);
  return longer;
}

/** `fetch` only says that it failed; the cause says why. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? messageOf(error) : causeOf(cause);
}
