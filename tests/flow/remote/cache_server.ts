/** A cache over HTTP within the process of a test, and stores that share it. */

import { HttpServer } from "../../../lib/flow/remote/http_server.ts";
import type { CacheLimits } from "../../../lib/flow/remote/server.ts";
import { SharedCache, type SharedCacheOptions } from "../../../lib/flow/remote/shared_cache.ts";
import { sha256Hex } from "../../../lib/flow/store/digest.ts";
import { Store } from "../../../lib/flow/store/store.ts";
import { inProject, type Project } from "../cli.ts";
import { inTemporaryFolder } from "../store/scratch.ts";

export const LIMITS: CacheLimits = { patienceMs: 120_000, slowest: 100, mostErrors: 3, requests: 8 };

/** What a test server does in place of its answer; undefined where it answers as it should. */
export type Fault = (
  request: Request,
  path: string,
  kept: Uint8Array<ArrayBuffer> | undefined,
) => Response | undefined | Promise<Response | undefined>;

/** Bytes by path, as bazel-remote takes them: what is under `cas/` has that digest. */
export class TestServer {
  readonly kept = new Map<string, Uint8Array<ArrayBuffer>>();
  /** Method and path of each request. */
  readonly requests: string[] = [];
  fetchedBytes = 0;
  fault: Fault = () => undefined;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
      return this.#answer(request);
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/cache`;
  }

  /** The requests of a method below a folder. */
  count(method: string, folder: string): number {
    return this.requests.filter((one) => one.startsWith(`${method} ${folder}/`)).length;
  }

  async close(): Promise<void> {
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const path = new URL(request.url).pathname.replace("/cache/", "");
    this.requests.push(`${request.method} ${path}`);
    const kept = this.kept.get(path);
    const body = request.method === "PUT" ? new Uint8Array(await request.arrayBuffer()) : undefined;
    const wrong = await this.fault(request, path, kept);
    if (wrong !== undefined) return wrong;
    if (body !== undefined) {
      if (path.startsWith("cas/") && path !== `cas/${sha256Hex(body)}`) {
        return new Response(null, { status: 400 });
      }
      this.kept.set(path, body);
      return new Response(null, { status: 200 });
    }
    if (kept === undefined) return new Response(null, { status: 404 });
    if (request.method === "HEAD") return new Response(null);
    this.fetchedBytes += kept.length;
    return new Response(kept);
  }
}

export interface Sharing {
  readonly server: TestServer;
  readonly warnings: string[];
  /** A new store, with or without the options of a cache. */
  store(): Store;
  cache(
    store: Store,
    options?: Partial<SharedCacheOptions> & { limits?: CacheLimits; write?: boolean; authorization?: string },
  ): SharedCache;
}

/** Calls `body` with a server and what makes stores that share it. */
export async function sharing(body: (sharing: Sharing) => Promise<void>): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const server = new TestServer();
    const stores: Store[] = [];
    const warnings: string[] = [];
    try {
      await body({
        server,
        warnings,
        store() {
          const store = Store.open(`${folder}/store-${stores.length}`);
          stores.push(store);
          return store;
        },
        cache(store, { limits = LIMITS, write = true, authorization, ...options } = {}) {
          const http = new HttpServer({ url: server.url, authorization, limits });
          const member = {
            server: http,
            write,
            limits,
            warn: (problem: string) => void warnings.push(problem),
          };
          return new SharedCache(store, { members: [member], trusted: [], ...options });
        },
      });
    } finally {
      for (const store of stores) store.close();
      await server.close();
    }
  });
}

/** Calls `body` with a project, and a server that its commands can be given as a cache. */
export async function withServer(
  body: (project: Project, server: TestServer) => Promise<void>,
): Promise<void> {
  const server = new TestServer();
  try {
    await inProject((project) => body(project, server));
  } finally {
    await server.close();
  }
}
