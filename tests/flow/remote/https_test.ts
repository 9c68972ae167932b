/** A cache over https whose certificate nobody here trusts is a miss; named as trusted, it is used. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { inProject, outcomes, type Project } from "../cli.ts";

const openssl = await new Deno.Command("openssl", { args: ["version"], stdout: "null", stderr: "null" })
  .output()
  .then(({ success }) => success, () => false);

/** Makes a key and a certificate for `host`. */
async function makeCertificate(
  folder: string,
  host: string,
): Promise<{ cert: string; key: string; path: string }> {
  const [path, key] = [join(folder, `${host}.pem`), join(folder, `${host}.key`)];
  const request = [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-days",
    "2",
  ];
  const names = [
    "-subj",
    `/CN=${host}`,
    "-addext",
    `subjectAltName=DNS:${host}`,
    "-addext",
    "basicConstraints=CA:FALSE",
  ];
  const args = [...request, ...names, "-keyout", key, "-out", path];
  const { success, stderr } = await new Deno.Command("openssl", { args, stderr: "piped" }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return { cert: Deno.readTextFileSync(path), key: Deno.readTextFileSync(key), path };
}

async function withHttps(
  host: string,
  body: (project: Project, url: string, certificate: string, asked: () => number) => Promise<void>,
): Promise<void> {
  await inProject(async (project) => {
    const { cert, key, path } = await makeCertificate(project.folder, host);
    const kept = new Map<string, Uint8Array<ArrayBuffer>>();
    let asked = 0;
    const options = { hostname: "127.0.0.1", port: 0, cert, key, onListen: () => {} };
    const server = Deno.serve(options, async (request) => {
      asked++;
      const { pathname } = new URL(request.url);
      if (request.method === "PUT") kept.set(pathname, new Uint8Array(await request.arrayBuffer()));
      const bytes = kept.get(pathname);
      return new Response(bytes, { status: bytes === undefined ? 404 : 200 });
    });
    try {
      const argv = ["sh", "-c", "echo made > out/out"];
      project.workflow({ a: { kind: "command", params: { argv }, outputs: ["out"] } });
      await body(project, `https://localhost:${server.addr.port}`, path, () => asked);
    } finally {
      await server.shutdown();
    }
  });
}

const about = openssl ? "" : " (left out: there is no openssl on PATH)";

Deno.test(`a certificate that nobody trusts: the task runs here, with one warning${about}`, {
  ignore: !openssl,
}, () =>
  withHttps("localhost", async (project, url, _certificate, asked) => {
    const run = await project.run("--cache", url);
    assert.equal(run.code, 0, run.err);
    assert.deepEqual(outcomes(run), { a: "ran" });
    assert.equal(run.err.match(/warning: the cache/g)?.length, 1, run.err);
    assert.match(run.err, /certificate/i);
    assert.equal(asked(), 0, "a request was sent to a server that is not known");
  }));

Deno.test(
  `a certificate of another host is none, although it is trusted${about}`,
  { ignore: !openssl },
  () =>
    withHttps("elsewhere.example", async (project, url, certificate, asked) => {
      const run = await project.withEnvironment({ DENO_CERT: certificate }).run("--cache", url);
      assert.equal(run.code, 0, run.err);
      assert.equal(run.err.match(/warning: the cache/g)?.length, 1, run.err);
      assert.equal(asked(), 0);
    }),
);

Deno.test(
  `a certificate that is named as trusted: the cache is used${about}`,
  { ignore: !openssl },
  () =>
    withHttps("localhost", async (project, url, certificate) => {
      const trusting = project.withEnvironment({ DENO_CERT: certificate });
      const first = await trusting.run("--cache", url);
      assert.deepEqual([first.code, first.err.match(/warning/g)], [0, null], first.err);
      const second = await trusting.run("--cache", url, "--store", project.path("other"));
      assert.deepEqual(outcomes(second), { a: "reused" }, second.err);
    }),
);
