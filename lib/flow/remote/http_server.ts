/** A cache over HTTP, as bazel-remote, nginx with WebDAV and storage gateways serve it. */

import { rootCertificates } from "node:tls";
import { type Dispatcher, EnvHttpProxyAgent, Pool } from "undici";
import { messageOf } from "../failure.ts";
import { type Answered, CacheAnswer } from "./cache_answer.ts";
import { LongGet } from "./long_get.ts";
import { CacheError, type CacheLimits, type CacheServer } from "./server.ts";
import type { SpareBytes } from "./spare_bytes.ts";
import { UnderWay } from "./under_way.ts";

/** Where a cache is, and how it is reached. */
export interface HttpServerOptions {
  /** Without a slash at the end. */
  readonly url: string;
  /** The value of the header `Authorization`. */
  readonly authorization?: string;
  readonly limits: CacheLimits;
  /** Texts of certificates that are trusted beside those that are trusted anyway. */
  readonly certificates?: readonly string[];
  /** Its proxies are used. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A connection that was kept open may be closed by its server at the moment in which it is used again. */
const CLOSED = ["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"];

/** One that is reached by its URL. Redirections are not followed: credentials would go there, or plain HTTP be used. */
export class HttpServer implements CacheServer {
  readonly name: string;
  readonly #dispatcher: Dispatcher;
  /** Absent where there are no certificates but those that are trusted anyway. */
  readonly #client: Deno.HttpClient | undefined;
  readonly #underWay: UnderWay;
  readonly #origin: string;
  readonly #folder: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor({ url, authorization, limits, certificates = [], environment = {} }: HttpServerOptions) {
    this.name = url;
    const { origin, pathname } = new URL(url);
    this.#origin = origin;
    this.#folder = pathname.replace(/\/+$/, "");
    // Compressed bytes have another length.
    this.#headers = { "accept-encoding": "identity", ...(authorization && { authorization }) };
    this.#underWay = new UnderWay(limits);
    if (certificates.length > 0) this.#client = Deno.createHttpClient({ caCerts: [...certificates] });
    this.#dispatcher = dispatcherOf(origin, limits, certificates, environment);
  }

  async get(path: string, atMost: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const { status, bytes } = await this.#ask("GET", path, atMost);
    if (status === 404) return undefined;
    if (status !== 200) throw unexpected(status);
    return bytes;
  }

  async getLong(
    path: string,
    size: number,
    spare: SpareBytes,
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const request = new LongGet(path);
    this.#underWay.add(request);
    try {
      const init = { headers: this.#headers, client: this.#client };
      return await request.read(`${this.name}/${path}`, init, () => spare.take(size), unexpected);
    } catch (error) {
      throw asCacheError(path, error);
    } finally {
      this.#underWay.remove(request);
    }
  }

  async has(path: string): Promise<boolean> {
    return isGood(await this.#ask("HEAD", path));
  }

  async put(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const answered = await this.#ask("PUT", path, undefined, bytes);
    if (!isGood(answered)) throw unexpected(answered.status);
  }

  leave(): void {
    this.#underWay.cutAll(new CacheError("it was left alone"));
    void this.#dispatcher.destroy();
  }

  async #ask(
    method: "GET" | "HEAD" | "PUT",
    path: string,
    atMost?: number,
    body?: Uint8Array<ArrayBuffer>,
  ): Promise<Answered> {
    for (let attempt = 1;; attempt++) {
      try {
        return await this.#attempt(method, path, atMost, body);
      } catch (error) {
        if (attempt > 1 || !CLOSED.includes(codeOf(error))) throw asCacheError(path, error);
      }
    }
  }

  #attempt(
    method: "GET" | "HEAD" | "PUT",
    path: string,
    atMost: number | undefined,
    body: Uint8Array<ArrayBuffer> | undefined,
  ): Promise<Answered> {
    return new Promise((resolve, reject) => {
      const end = (answered: Answered | undefined, error: unknown) => {
        this.#underWay.remove(answer);
        if (answered !== undefined) resolve(answered);
        else reject(answer.status === 0 ? error : asCacheError(path, error));
      };
      const answer = new CacheAnswer({ path, atMost, sent: body?.length, end });
      this.#underWay.add(answer);
      const request = {
        origin: this.#origin,
        path: `${this.#folder}/${path}`,
        method,
        headers: this.#headers,
      };
      this.#dispatcher.dispatch({ ...request, body }, answer);
    });
  }
}

function isGood({ status }: Answered): boolean {
  return status >= 200 && status < 300;
}

function unexpected(status: number): CacheError {
  const help = status === 401 || status === 403 ? ": it wants other credentials (docs/shared-cache.md)" : "";
  return new CacheError(`it answered ${status}${help}`);
}

function asCacheError(path: string, error: unknown): CacheError {
  return error instanceof CacheError ? error : new CacheError(`${path}: ${reasonOf(error)}`);
}

function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? "";
}

/** Some errors only say that there was one; a cause, or the error of the first address of a host, says why. */
function reasonOf(error: unknown): string {
  const [first] = error instanceof AggregateError ? error.errors : [];
  const cause = first ?? (error instanceof Error ? error.cause : undefined);
  return cause === undefined ? messageOf(error) : reasonOf(cause);
}

/** Connections to `origin`, which stay open. */
function dispatcherOf(
  origin: string,
  { requests, patienceMs }: CacheLimits,
  certificates: readonly string[],
  environment: Readonly<Record<string, string>>,
): Dispatcher {
  const ca = certificates.length > 0 ? [...rootCertificates, ...certificates] : undefined;
  const options = {
    connections: requests,
    pipelining: 1,
    // What is too slow is known to UnderWay.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: patienceMs, ca },
  };
  const { http, https, none } = proxiesOf(environment);
  if (http === "" && https === "") return new Pool(origin, options);
  return new EnvHttpProxyAgent({
    ...options,
    httpProxy: http,
    httpsProxy: https,
    noProxy: none,
    requestTls: { ca },
    proxyTls: { ca },
  });
}

/** The proxies that variables name, in either case. */
function proxiesOf(
  environment: Readonly<Record<string, string>>,
): { http: string; https: string; none: string } {
  const named = (name: string) => environment[name.toLowerCase()] || environment[name] || "";
  const all = named("ALL_PROXY");
  return { http: named("HTTP_PROXY") || all, https: named("HTTPS_PROXY") || all, none: named("NO_PROXY") };
}
