/** The page of `watch --serve`: who may see it, and what it looks like while a run goes on. */

import assert from "node:assert/strict";
import { connect } from "node:net";
import { Chromium, hasChromium } from "../../report/chromium.ts";
import { assertLooksRight } from "../../report/looks.ts";
import { inProject, type Project } from "../cli.ts";
import { startLearning } from "./learning.ts";

Deno.test("the page is served on this machine alone, to who asks for it by its name, and can only be read", async () => {
  await inProject(async (project) => {
    project.workflow({
      one: { kind: "command", params: { argv: ["sh", "-c", "echo > out/o"] }, outputs: ["o"] },
    });
    await project.run();
    await served(project, async (address) => {
      const { port, hostname } = new URL(address);
      assert.equal(hostname, "127.0.0.1");
      const page = await fetch(address);
      assert.match(await page.text(), /^<!DOCTYPE html>/);
      assert.match(page.headers.get("content-security-policy")!, /default-src 'none'.*script-src 'sha256-/);
      assert.equal(page.headers.get("access-control-allow-origin"), null);
      const ask = (host: string, method = "GET", path = "/") =>
        statusOf(Number(port), `${method} ${path} HTTP/1.1\r\n${host}Connection: close\r\n\r\n`);
      assert.equal(await ask(`Host: localhost:${port}\r\n`), 200);
      for (const path of ["/", "/events", "/other"]) {
        for (
          const host of [
            `Host: example.org:${port}\r\n`,
            "Host: 127.0.0.1.example.org\r\n",
            "Host: @127.0.0.1\r\n",
          ]
        ) {
          assert.ok([400, 403].includes(await ask(host, "GET", path)), `${path} ${host}`);
        }
      }
      assert.equal(await ask(`Host: 127.0.0.1:${port}\r\n`, "POST"), 405);
      assert.equal(await ask(`Host: 127.0.0.1:${port}\r\n`, "GET", "/../store/version"), 404);
      const taken = await project.call("watch", "--serve", port);
      assert.match(taken.err, new RegExp(`port ${port} is in use: name another`));
    });
  });
});

Deno.test({
  name: `the page shows a run as it goes on${
    hasChromium ? "" : " (left out: there is no /usr/bin/chromium)"
  }`,
  ignore: !hasChromium,
  // The browser and its socket outlive the steps in which they are made.
  sanitizeResources: false,
  sanitizeOps: false,
  async fn() {
    await inProject(async (project) => {
      const learning = await startLearning(project);
      await served(project, async (address) => {
        const chromium = await Chromium.start();
        try {
          const fetched = [`${address}events`];
          await assertLooksRight(
            chromium,
            address,
            { title: "probe: running", images: 0, fetched },
            (look) => shown(look, "document.querySelectorAll('#tasks svg.chart').length === 1"),
          );
          const text = await chromium.evaluate<string>("document.body.innerText");
          for (const part of ["3/4 steps", "step 3 <b>of</b> 4", "learn", "ran first", "memory"]) {
            assert.ok(text.replaceAll(/\s+/g, " ").toLowerCase().includes(part), `${part} in ${text}`);
          }
          assert.equal(await chromium.evaluate("document.querySelector('progress').value"), 0.75);
          assert.equal(await chromium.evaluate("document.querySelectorAll('#tasks pre b').length"), 0);
          const ended = learning.end();
          await shown(
            chromium,
            "document.title === 'probe: done' && document.querySelectorAll('figure').length === 0",
          );
          assert.equal((await ended).code, 0);
          assert.match(
            await chromium.evaluate<string>("document.getElementById('ended').innerText"),
            /ran\s+learn/,
          );
        } finally {
          await chromium.close();
        }
      });
    });
  },
});

/** Resolves when the expression is true in the page. */
async function shown(chromium: Chromium, expression: string): Promise<void> {
  await chromium.evaluate(
    `new Promise((go) => { const look = () => (${expression}) ? go(true) : setTimeout(look, 50); look(); })`,
  );
}

async function served(project: Project, body: (address: string) => Promise<void>): Promise<void> {
  const child = project.spawn("watch", "--serve");
  const reader = child.stdout.getReader();
  try {
    let text = "";
    while (!/open (\S+)\n/.test(text)) {
      const { value, done } = await reader.read();
      assert.ok(!done, `it ended: ${text}`);
      text += new TextDecoder().decode(value);
    }
    await body(/open (\S+)\n/.exec(text)![1]);
  } finally {
    child.kill("SIGINT");
    await reader.cancel();
    await child.stderr.cancel();
    assert.equal((await child.status).code, 0);
  }
}

/** The status of the answer to a request that `fetch` would not send. */
function statusOf(port: number, request: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(request));
    socket.once("data", (data) => {
      resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(String(data))?.[1]));
      socket.destroy();
    });
    socket.once("error", reject);
  });
}
