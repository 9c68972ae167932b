/** Serves a page about a run on this machine alone, which shows it as it goes on. */

import { FlowError } from "../errors.ts";

/** The only address: other machines can't reach it. */
const LOOPBACK = "127.0.0.1";
/** A page elsewhere whose name leads here, too, would ask by that name. */
const OWN_NAMES = new Set([LOOPBACK, "localhost"]);

/** What is served, and where. */
export interface LiveServerOptions {
  /** 0 for any that is free. */
  readonly port: number;
  /** The text of the page. */
  readonly page: string;
  /** The value of its Content-Security-Policy. */
  readonly policy: string;
  /** What the page shows now, as one line; called every so often while somebody looks at it. */
  readonly look: () => Promise<string>;
  readonly everyMs: number;
  readonly signal: AbortSignal;
  /** Called with the address once it can be opened. */
  readonly onReady: (address: string) => void;
}

/**
 * Serves `/`, the page, and `/events`, a stream of server-sent events, until the signal.
 *
 * @throws FlowError usage where the port is taken or not allowed
 */
export async function serveLive(options: LiveServerOptions): Promise<void> {
  const viewers = new Viewers(options);
  try {
    const server = Deno.serve({
      hostname: LOOPBACK,
      port: options.port,
      signal: options.signal,
      onListen: ({ port }) => options.onReady(`http://${LOOPBACK}:${port}/`),
    }, (request) => answer(request, options, viewers));
    await server.finished;
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse || error instanceof Deno.errors.PermissionDenied)) {
      throw error;
    }
    const why = error instanceof Deno.errors.AddrInUse ? "is in use" : "may not be used";
    throw new FlowError(
      "usage",
      `port ${options.port} ${why}: name another, or none for any that is free (--serve)`,
    );
  } finally {
    viewers.close();
  }
}

function answer(request: Request, { page, policy }: LiveServerOptions, viewers: Viewers): Response {
  const name = hostName(request.headers.get("host"));
  if (name === undefined || !OWN_NAMES.has(name)) {
    return plain(403, `this page is for ${[...OWN_NAMES].join(" and ")} alone`);
  }
  if (request.method !== "GET") return plain(405, "this page can only be read");
  const headers = {
    "cache-control": "no-store",
    "content-security-policy": policy,
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  };
  switch (new URL(request.url).pathname) {
    case "/":
      return new Response(page, { headers: { ...headers, "content-type": "text/html; charset=utf-8" } });
    case "/events":
      return new Response(viewers.add(), { headers: { ...headers, "content-type": "text/event-stream" } });
    default:
      return plain(404, "there is only one page: /");
  }
}

function plain(status: number, text: string): Response {
  return new Response(`${text}\n`, { status, headers: { "content-type": "text/plain; charset=utf-8" } });
}

/** The name in a Host header, without its port. */
function hostName(host: string | null): string | undefined {
  return /^([\w.-]+)(?::\d+)?$/.exec(host ?? "")?.[1].toLowerCase();
}

type Viewer = ReadableStreamDefaultController<Uint8Array>;

/** All who look at the page: what is new is looked for once for all of them, and not at all where there is none. */
class Viewers {
  readonly #viewers = new Set<Viewer>();
  readonly #encoder = new TextEncoder();
  readonly #timer: ReturnType<typeof setInterval>;
  #last = "";
  #isLooking = false;

  constructor(readonly options: Pick<LiveServerOptions, "look" | "everyMs">) {
    this.#timer = setInterval(() => this.#tell(), options.everyMs);
  }

  add(): ReadableStream<Uint8Array> {
    let own: Viewer;
    return new ReadableStream({
      start: (viewer) => {
        own = viewer;
        this.#viewers.add(viewer);
        if (this.#last !== "") this.#send(viewer, this.#last);
        this.#tell();
      },
      cancel: () => void this.#viewers.delete(own),
    });
  }

  close(): void {
    clearInterval(this.#timer);
    for (const viewer of this.#viewers) viewer.close();
    this.#viewers.clear();
  }

  async #tell(): Promise<void> {
    if (this.#viewers.size === 0 || this.#isLooking) return;
    this.#isLooking = true;
    try {
      const seen = await this.options.look();
      if (seen === this.#last) return;
      this.#last = seen;
      for (const viewer of this.#viewers) this.#send(viewer, seen);
    } finally {
      this.#isLooking = false;
    }
  }

  #send(viewer: Viewer, text: string): void {
    viewer.enqueue(this.#encoder.encode(`data: ${text}\n\n`));
  }
}
