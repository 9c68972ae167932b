/** The heads of answers that are taken as they are, those that are left to a client of all HTTP, and those that are none. */

import assert from "node:assert/strict";
import { type PlainHead, plainHead } from "../../../lib/flow/remote/plain_head.ts";

const OK = "HTTP/1.1 200 OK";

const PLAIN: Readonly<Record<string, PlainHead>> = {
  [`${OK}\r\nContent-Length: 10`]: { status: 200, length: 10, stays: true },
  [`${OK}\r\nServer: nginx\r\ncontent-length:0 \r\nConnection: Keep-Alive\r\nX-E: \u00e9`]: {
    status: 200,
    length: 0,
    stays: true,
  },
  [`HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\nConnection: close`]: {
    status: 404,
    length: 3,
    stays: false,
  },
  [`HTTP/1.1 500 \r\nContent-Length: 3\r\nConnection: x, keep-alive`]: {
    status: 500,
    length: 3,
    stays: false,
  },
  ["HTTP/1.1 204 No Content"]: { status: 204, length: 0, stays: true },
  ["HTTP/1.1 304"]: { status: 304, length: 0, stays: true },
};

for (const [text, head] of Object.entries(PLAIN)) {
  Deno.test(`${JSON.stringify(text)} is plain`, () => assert.deepEqual(plainHead(text), head));
}

for (
  const text of [
    OK,
    `${OK}\r\nTransfer-Encoding: chunked`,
    `${OK}\r\nContent-Length: 3\r\nTransfer-Encoding: chunked`,
    `${OK}\r\nContent-Length: 3\r\nContent-Encoding: gzip`,
    "HTTP/1.0 200 OK\r\nContent-Length: 3",
    "HTTP/1.1 103 Early Hints",
  ]
) {
  Deno.test(`${JSON.stringify(text)} is of another form`, () => assert.equal(plainHead(text), "other"));
}

for (
  const text of [
    "",
    "SSH-2.0-OpenSSH_9.2",
    "HTTP/2 200 OK\r\nContent-Length: 3",
    "HTTP/1.1 20 OK\r\nContent-Length: 3",
    `${OK}\nContent-Length: 3`,
    `${OK}\r\nContent-Length: 3\nX: y`,
    `${OK}\r\nContent-Length: 3\0`,
    `${OK}\r\nContent-Length: three`,
    `${OK}\r\nContent-Length: -3`,
    `${OK}\r\nContent-Length: 0x3`,
    `${OK}\r\nContent-Length: 3\r\nContent-Length: 3`,
    `${OK}\r\nContent-Length : 3`,
    `${OK}\r\nX: y\r\n z\r\nContent-Length: 3`,
    `${OK}\r\n: 3`,
    `${OK}\r\nContent-Length`,
    `${OK}\r\n`,
  ]
) {
  Deno.test(`${JSON.stringify(text)} is no HTTP`, () => assert.throws(() => plainHead(text), /it |its /));
}
