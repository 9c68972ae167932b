/** What answers over HTTP give: exactly the bytes that were asked for, or an error that says why. */

import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { HttpServer } from "../../../lib/flow/remote/http_server.ts";
import { CacheError, type CacheLimits } from "../../../lib/flow/remote/server.ts";
import { SpareBytes } from "../../../lib/flow/remote/spare_bytes.ts";
import { LIMITS } from "./cache_server.ts";
import { type RawAnswer, withRawServer } from "./raw_server.ts";

const BODY = "ten bytes.";
const SIZE = BODY.length;

const head = (...fields: string[]) => ["HTTP/1.1 200 OK", ...fields, "", ""].join("\r\n");
const CHUNKED = head("transfer-encoding: chunked");

/** The two ways in which a file comes. */
const WAYS: Readonly<Record<string, (server: HttpServer) => Promise<Uint8Array | undefined>>> = {
  "a short file": (server) => server.get("cas/x", SIZE),
  "a long file": (server) => server.getLong("cas/x", SIZE, new SpareBytes()),
};

async function ask(
  answer: RawAnswer,
  way: (server: HttpServer) => Promise<Uint8Array | undefined>,
  limits: CacheLimits = LIMITS,
): Promise<string | undefined> {
  let text: string | undefined;
  await withRawServer(() => answer, async ({ url }) => {
    const server = new HttpServer({ url, limits });
    try {
      const bytes = await way(server);
      text = bytes && new TextDecoder().decode(bytes);
    } finally {
      server.leave();
    }
  });
  return text;
}

const RIGHT: Readonly<Record<string, string[]>> = {
  "with its length": [head("content-length: 10"), BODY],
  "in parts of the head and the body": [...head("content-length: 10"), ...BODY],
  "until the connection ends": [head("connection: close"), BODY],
  "in chunks": [CHUNKED, "4\r\nten \r\n6\r\nbytes.\r\n0\r\n\r\n"],
  "behind an interim answer": ["HTTP/1.1 103 Early Hints\r\n\r\n", head("content-length: 10"), BODY],
};

const WRONG: Readonly<Record<string, { pieces: (string | Uint8Array)[]; says: RegExp }>> = {
  "a length that is too long": {
    pieces: [head("content-length: 11"), `${BODY}!`],
    says: /11 bytes|more than/,
  },
  "too many bytes without a length": {
    pieces: [head("connection: close"), `${BODY}!`],
    says: /11 bytes|more than/,
  },
  "too many bytes in chunks": { pieces: [CHUNKED, `b\r\n${BODY}!\r\n0\r\n\r\n`], says: /11 bytes|more than/ },
  "a chunk without end": { pieces: [CHUNKED, "ffffffffff\r\n", "x".repeat(1 << 17)], says: /bytes/ },
  "fewer bytes than stated": { pieces: [head("content-length: 10"), "ten"], says: /./ },
  "chunks that end early": { pieces: [CHUNKED, "4\r\nten \r\n"], says: /./ },
  "a length that is no number": { pieces: [head("content-length: ten"), BODY], says: /./ },
  "two lengths": { pieces: [head("content-length: 10", "content-length: 3"), BODY], says: /./ },
  "no HTTP": { pieces: ["SSH-2.0-OpenSSH_9.2\r\n\r\n"], says: /./ },
  nothing: { pieces: [], says: /./ },
  "half a head": { pieces: ["HTTP/1.1 200 OK\r\ncontent-le"], says: /./ },
  "a head without end": { pieces: ["HTTP/1.1 200 OK\r\n", "x: ".padEnd(1 << 20, "y")], says: /./ },
  "no content": { pieces: ["HTTP/1.1 204 No Content\r\n\r\n"], says: /it answered 204/ },
  "a redirection": {
    pieces: ["HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/c/cas/x\r\ncontent-length: 0\r\n\r\n"],
    says: /it answered 302/,
  },
  "other credentials are wanted": {
    pieces: ["HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n"],
    says: /it answered 401: it wants other credentials/,
  },
};

for (const [name, way] of Object.entries(WAYS)) {
  for (const [how, pieces] of Object.entries(RIGHT)) {
    Deno.test(`${name} that comes ${how} is what was sent`, async () => {
      assert.equal(await ask({ pieces }, way), BODY);
    });
  }
  for (const [fault, { pieces, says }] of Object.entries(WRONG)) {
    Deno.test(`${name}: ${fault} is an error`, async () => {
      await assert.rejects(ask({ pieces }, way), (error) => {
        assert.ok(error instanceof CacheError, String(error));
        assert.match(error.message, says);
        return true;
      });
    });
  }
  Deno.test(`${name} that is not there is none`, async () => {
    const pieces = ["HTTP/1.1 404 Not Found\r\ncontent-length: 9\r\n\r\n", "not found"];
    assert.equal(await ask({ pieces }, way), undefined);
  });
  Deno.test(`${name} that nobody asked to be compressed is not inflated beyond its size`, async () => {
    const bomb = gzipSync(new Uint8Array(1 << 24));
    const pieces = [head("content-encoding: gzip", `content-length: ${bomb.length}`), bomb];
    await assert.rejects(ask({ pieces }, way), CacheError);
  });
  Deno.test(`${name} that stops coming is cut, and says so`, async () => {
    const pieces = [head("content-length: 10"), "ten"];
    const limits = { ...LIMITS, patienceMs: 30, slowest: 1 };
    await assert.rejects(ask({ pieces, staysOpen: true }, way, limits), /cas\/x comes too slowly/);
    await assert.rejects(ask({ pieces: [], staysOpen: true }, way, limits), /cas\/x comes too slowly/);
  });
  Deno.test(`${name} that is on its way when the cache is left is cut`, () =>
    withRawServer(() => ({ pieces: [head("content-length: 10"), "ten"], staysOpen: true }), async (raw) => {
      const server = new HttpServer({ url: raw.url, limits: LIMITS });
      const coming = assert.rejects(way(server), /it was left alone/);
      while (raw.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      server.leave();
      await coming;
    }));
}

Deno.test("a short file has memory of its own, which can be given to another thread", () =>
  withRawServer(() => ({ pieces: [head(`content-length: ${SIZE}`), BODY] }), async ({ url }) => {
    const server = new HttpServer({ url, limits: LIMITS });
    const bytes = (await server.get("cas/x", SIZE))!;
    assert.equal(structuredClone(bytes, { transfer: [bytes.buffer] }).length, SIZE);
    assert.equal(bytes.length, 0);
    server.leave();
  }));

Deno.test("a connection that is closed when it is used again costs one more request", () =>
  withRawServer((_line, count) => ({
    pieces: count === 2 ? [] : [head("content-length: 10"), BODY],
    staysOpen: count === 1,
  }), async (raw) => {
    const server = new HttpServer({ url: raw.url, limits: { ...LIMITS, requests: 1 } });
    for (let i = 0; i < 2; i++) {
      assert.equal(new TextDecoder().decode(await server.get("cas/x", SIZE)), BODY);
    }
    assert.equal(raw.requests.length, 3);
    server.leave();
  }));

Deno.test("what comes behind a file is none of the next one", () => {
  const pieces = [`${head("content-length: 10")}${BODY}${head("content-length: 5")}wrong`];
  return withRawServer(() => ({ pieces, staysOpen: true }), async (raw) => {
    const server = new HttpServer({ url: raw.url, limits: LIMITS });
    for (let i = 1; i <= 3; i++) {
      assert.equal(new TextDecoder().decode(await server.get("cas/x", SIZE)), BODY);
      assert.equal(raw.connections, i);
    }
    server.leave();
  });
});

Deno.test("a server that closes each connection at once is asked twice", () =>
  withRawServer(() => ({ pieces: [] }), async (raw) => {
    const server = new HttpServer({ url: raw.url, limits: LIMITS });
    await assert.rejects(server.get("cas/x", SIZE), CacheError);
    assert.equal(raw.requests.length, 2);
    server.leave();
  }));

Deno.test("where nobody listens, the error says so", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  for (const host of ["127.0.0.1", "localhost"]) {
    const server = new HttpServer({ url: `http://${host}:${port}`, limits: LIMITS });
    for (const way of Object.values(WAYS)) await assert.rejects(way(server), /refused/i);
    server.leave();
  }
});

Deno.test("requests go through the proxy that a variable names, but for hosts that are left out", () =>
  withRawServer(
    () => ({ pieces: ["HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n"] }),
    async (proxy) => {
      const ask = async (environment: Record<string, string>) => {
        const server = new HttpServer({ url: "http://cache.invalid", limits: LIMITS, environment });
        await assert.rejects(server.get("ac/x", SIZE), CacheError);
        server.leave();
      };
      const { origin } = new URL(proxy.url);
      await ask({ http_proxy: origin, NO_PROXY: "cache.invalid" });
      assert.deepEqual(proxy.requests, []);
      for (const name of ["http_proxy", "HTTP_PROXY", "ALL_PROXY"]) await ask({ [name]: origin });
      assert.equal(proxy.requests.length, 3);
      for (const line of proxy.requests) assert.match(line, /^GET http:\/\/cache\.invalid\/ac\/x /);
    },
  ));
