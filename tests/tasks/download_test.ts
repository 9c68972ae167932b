/** The kind `download`: its params, and a run with the permissions that it asks for and no others. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { zipSync } from "fflate";
import download from "../../tasks/download.ts";
import { outcomes } from "../flow/cli.ts";
import { serving } from "../flow/download/file_server.ts";
import { inRun } from "./run.ts";

const project = resolve(import.meta.dirname!, "../..");
const urls = ["https://example.org/file"];
const sha256 = "0".repeat(64);

Deno.test("the digests, sizes and places of a download are checked", () => {
  const valid = (params: object) => download.params.safeParse({ urls, ...params }).success;
  assert.ok(valid({ sha256 }));
  assert.ok(valid({ md5: "0".repeat(32), size: 3 }));
  assert.ok(!valid({ sha256: "0".repeat(63) }));
  assert.ok(valid({ firstUse: true }));
  assert.ok(!valid({ firstUse: "yes" }));
  assert.ok(!valid({ sha256, size: -1 }));
  assert.ok(!valid({ sha256, extract: "rar" }));
  for (const url of ["file:///etc/passwd", "ftp://example.org/x", "data:,x", "x", ""]) {
    assert.ok(!valid({ sha256, urls: [url] }), url);
  }
  assert.ok(!valid({ sha256, urls: [] }));
});

/** Runs the kind in a process of its own; the paths in its output folder. */
async function run(
  bytes: Uint8Array,
  params: object,
): Promise<{ success: boolean; errors: string; data: string[] }> {
  const server = createServer((_, response) => void response.end(bytes));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const folder = await Deno.makeTempDir();
  const context = `{
    params: ${
    JSON.stringify({
      urls: [`http://127.0.0.1:${(server.address() as AddressInfo).port}/../../x`],
      ...params,
    })
  },
    output: (name) => ${JSON.stringify(folder)} + "/" + name, scratch: ${JSON.stringify(folder)},
    progress() {}, log() {}, signal: new AbortController().signal,
  }`;
  const script = join(folder, "script.js");
  await Deno.writeTextFile(
    script,
    `import kind from ${JSON.stringify(join(project, "tasks/download.ts"))}; await kind.run(${context});`,
  );
  try {
    const { net, env } = download.permissions!;
    assert.equal(net, true);
    const flags = [
      "--no-prompt",
      `--allow-env=${env}`,
      "--allow-net",
      `--allow-read=${folder}`,
      `--allow-write=${folder}`,
    ];
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--config", join(project, "deno.json"), ...flags, script],
      env: { NO_COLOR: "1" },
    }).output();
    const data = success && Deno.statSync(join(folder, "data")).isDirectory
      ? [...Deno.readDirSync(join(folder, "data"))].map(({ name }) => name).sort()
      : [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name !== "script.js");
    return { success, errors: new TextDecoder().decode(stderr), data };
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a download needs a SHA-256 digest, or MD5 and size, or that its first use is said to be enough", async () => {
  for (const params of [{}, { md5: "0".repeat(32) }, { size: 3 }]) {
    const { success, errors, data } = await run(new Uint8Array(3), params);
    assert.ok(!success);
    assert.match(errors, /no digest is pinned for http.*expected sha256, or md5 and size, or firstUse/);
    assert.deepEqual(data, []);
  }
});

const digestOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const zip = zipSync({ "a.txt": new Uint8Array(10), b: { "c.txt": new Uint8Array(10) } });
// The HTTP server keeps connections that were reset for a moment.
const sanitize = { sanitizeOps: false, sanitizeResources: false };

Deno.test("a file is kept, whatever its URL is named", sanitize, async () => {
  const { success, errors, data } = await run(zip, { sha256: digestOf(zip) });
  assert.ok(success, errors);
  assert.deepEqual(data, ["data"]);
});

Deno.test("an archive is extracted", sanitize, async () => {
  const { success, errors, data } = await run(zip, { sha256: digestOf(zip), extract: "zip" });
  assert.ok(success, errors);
  assert.deepEqual(data, ["a.txt", "b"]);
});

Deno.test("a wrong digest keeps nothing", sanitize, async () => {
  const { success, errors, data } = await run(zip, { sha256, extract: "zip" });
  assert.ok(!success);
  assert.match(errors, /its sha256 is .*, expected 0{64}/);
  assert.deepEqual(data, []);
});

Deno.test(
  "what came at first use is pinned: kept without network, by a lock file refused as another",
  sanitize,
  async () => {
    let content = "first";
    let type = "application/json";
    let requests = 0;
    const server = createServer((_, response) => {
      requests++;
      response.setHeader("content-type", type);
      response.end(content);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/config.json`;
    const file = (params: object) => ({ file: { kind: "download", params: { urls: [url], ...params } } });
    try {
      await inRun(async (run) => {
        const log = async () => (await run.call("log", "views.ts", "file")).out;
        type = "text/html";
        assert.equal((await run.run(file({ firstUse: true }))).code, 1);
        assert.match(await log(), /web page \(text\/html\) instead of a file/);
        type = "application/json";
        assert.equal((await run.run(file({}))).code, 1);
        assert.match(await log(), /no digest is pinned/);

        assert.deepEqual(outcomes(await run.run(file({ firstUse: true }))), { file: "ran" });
        const told = /deno task pin-download workflows\/archives\.lock\.json (\S+) ([0-9a-f]{64}) (\d+)/.exec(
          await log(),
        );
        const pin = { sha256: digestOf(new TextEncoder().encode("first")), size: 5 };
        assert.deepEqual(told?.slice(1), [url, pin.sha256, String(pin.size)]);

        content = "other";
        const before = requests;
        assert.deepEqual(outcomes(await run.run(file({ firstUse: true }))), { file: "reused" });
        assert.equal(requests, before);
        assert.equal(Deno.readTextFileSync(await run.get("file", "data")), "first");

        const lock = join(run.folder, "lock.json");
        const { success } = await new Deno.Command(Deno.execPath(), {
          args: [
            "run",
            "-A",
            "--config",
            join(project, "deno.json"),
            join(project, "lib/flow/download/pin.ts"),
            lock,
            ...told!.slice(1),
          ],
        }).output();
        assert.ok(success);
        const pins = JSON.parse(Deno.readTextFileSync(lock));
        assert.deepEqual(pins, { [url]: pin });
        Deno.removeSync(join(run.folder, "store"), { recursive: true });
        assert.equal((await run.run(file(pins[url]))).code, 1);
        assert.match(await log(), new RegExp(`its sha256 is [0-9a-f]+, expected ${pin.sha256}`));
        content = "first";
        assert.deepEqual(outcomes(await run.run(file(pins[url]))), { file: "ran" });
      });
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  },
);

Deno.test("a download that fails everywhere names the command that takes a copy of the user's own", () =>
  serving([(_, response) => void response.writeHead(404).end()], ({ url }) =>
    inRun(async (run) => {
      const file = (extract?: string) => ({
        kind: "download",
        params: { urls: [url, `${url}?mirror`], sha256, ...(extract && { extract }) },
      });
      run.write({
        archive: file("tar"),
        weights: file(),
        data: { kind: "dataset", params: { name: "cub200" }, inputs: { images: "archive.data" } },
        masks: {
          kind: "segment",
          params: { method: { name: "sam2" } },
          inputs: { data: "data.data", weights: "weights.data" },
        },
      });
      const ran = await run.call("run", "views.ts", "--json", "--set", "data.limit=2");
      assert.equal(ran.code, 1);
      const reasonOf = (task: string) =>
        ran.events.find(({ id, outcome }) => id === task && outcome === "failed")!.reason;
      const command = (set: string) => `deno task run views.ts --set data.limit=2 --set ${set}`;
      assert.match(reasonOf("archive"), /no URL provided the file:\n.*404.*\n.*mirror: .*404/);
      const folder = "(PATH is a folder with what the archive holds)";
      const advice = `to use a copy of your own ${folder}: ${command("data.images=PATH")}`;
      assert.ok(reasonOf("archive").includes(advice), reasonOf("archive"));
      assert.ok(reasonOf("weights").includes(`(PATH is the file): ${command("masks.weights=PATH")}`));
    })));
