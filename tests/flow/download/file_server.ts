/** A server that answers requests for a file as a test says, and what tests of downloads share. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { DownloadError, type ExpectedFile, fetchFile } from "../../../lib/flow/download/fetch_file.ts";

export const content = new Uint8Array(300_000).map((_, i) => (i * 7919) >> 3);
export const digest = (algorithm: string, bytes: Uint8Array = content) =>
  createHash(algorithm).update(bytes).digest("hex");
export const sha256 = digest("sha256");

export type Answer = (request: IncomingMessage, response: ServerResponse, from: number) => void;

/** The rest of the content as a server with ranges gives it; `until` cuts the connection there. */
export function rest(response: ServerResponse, from: number, until?: number, bytes = content) {
  const headers: Record<string, string | number> = { "content-length": bytes.length - from };
  if (from > 0) headers["content-range"] = `bytes ${from}-${bytes.length - 1}/${bytes.length}`;
  response.writeHead(from > 0 ? 206 : 200, headers);
  if (until === undefined) response.end(bytes.subarray(from));
  else response.write(bytes.subarray(from, until), () => response.destroy());
}

export interface Served {
  url: string;
  partFile: string;
  /** The first byte asked for by each request. */
  ranges: number[];
  fetch: (expected?: ExpectedFile, more?: Partial<Parameters<typeof fetchFile>[0]>) => Promise<void>;
}

/** Answers the requests one after another; the last answer is given again and again. */
export async function serving(answers: Answer[], use: (served: Served) => Promise<void>): Promise<void> {
  const ranges: number[] = [];
  const server = createServer((request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    ranges.push(from);
    answers[Math.min(ranges.length, answers.length) - 1](request, response, from);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const folder = await Deno.makeTempDir();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`;
  const partFile = join(folder, "part");
  try {
    await use({
      url,
      partFile,
      ranges,
      fetch: (expected = { sha256 }, more = {}) =>
        fetchFile({ urls: [url], expected, partFile, attempts: 3, backoffMs: 1, ...more }),
    });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await Deno.remove(folder, { recursive: true });
  }
}

export const whole: Answer = (_, response, from) => rest(response, from);
export const cutAt = (until: number): Answer => (_, response, from) => rest(response, from, until);
export const status = (code: number): Answer => (_, response) => {
  response.writeHead(code);
  response.end("<html>no</html>");
};

export function test(title: string, answers: Answer[], use: (served: Served) => Promise<void>) {
  // The HTTP client keeps connections open between tests.
  Deno.test({ name: title, sanitizeResources: false, sanitizeOps: false, fn: () => serving(answers, use) });
}

export function rejectsWith(promise: Promise<void>, code: string, pattern: RegExp) {
  return assert.rejects(promise, (error) => {
    assert.ok(error instanceof DownloadError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, pattern);
    return true;
  });
}

export const got = async ({ partFile }: Served) =>
  assert.ok(Buffer.from(await Deno.readFile(partFile)).equals(content));
export const keptNothing = ({ partFile }: Served) =>
  assert.throws(() => Deno.statSync(partFile), Deno.errors.NotFound);
