/** Credentials of caches, and the URLs that they may have. */

import assert from "node:assert/strict";
import { cacheUrlProblem } from "../../../lib/flow/cache_url.ts";
import { authorizationOf, netrcCredentials } from "../../../lib/flow/remote/credentials.ts";

Deno.test("credentials are read from .netrc by host", () => {
  const text = `# machine commented.example login no password no
machine one.example
  login me
  password first
macdef init
machine macro.example login no password no

machine two.example login you password second#2 account any
default login anonymous password guest
`;
  assert.equal(netrcCredentials(text, "one.example"), "me:first");
  assert.equal(netrcCredentials(text, "two.example"), "you:second#2");
  assert.equal(netrcCredentials(text, "macro.example"), "anonymous:guest");
  assert.equal(netrcCredentials(text.replace(/default.*/, ""), "three.example"), undefined);
  assert.equal(netrcCredentials("machine one.example login me", "one.example"), undefined);
  assert.equal(netrcCredentials("", "one.example"), undefined);
});

Deno.test("a user with a password is sent as Basic, a token as Bearer", () => {
  assert.equal(authorizationOf("me:first"), "Basic bWU6Zmlyc3Q=");
  assert.equal(authorizationOf("a.b-c"), "Bearer a.b-c");
  assert.equal(authorizationOf(""), undefined);
  assert.equal(authorizationOf(undefined), undefined);
});

Deno.test("a cache is reached by https, a folder, or plain HTTP on this machine, and no URL has credentials", () => {
  for (
    const url of [
      "https://c.example/p",
      "file:///mnt/cache",
      "http://localhost:80",
      "http://127.0.0.1:9090/",
      "http://[::1]:1",
    ]
  ) {
    assert.equal(cacheUrlProblem(url), undefined, url);
  }
  assert.match(cacheUrlProblem("http://c.example")!, /plain HTTP can be read/);
  assert.equal(cacheUrlProblem("http://c.example", true), undefined);
  assert.match(cacheUrlProblem("https://me:secret@c.example")!, /credentials do not belong there/);
  assert.ok(!cacheUrlProblem("https://me:secret@c.example")!.includes("secret"));
  for (
    const url of ["c.example", "ftp://c.example", "https://c.example?token=x", "https://c.example/#x", ""]
  ) {
    assert.notEqual(cacheUrlProblem(url), undefined, url);
  }
});
