/** Downloads reach the network as the engine does: through its proxies, and trusting its certificates. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { certificatesOf, networkEnvironment } from "../../../lib/flow/download/network.ts";
import { inProject, outcomes, type Project } from "../cli.ts";

const main = fileURLToPath(new URL("../../../main.ts", import.meta.url));
const text = "hello\n";
const sha256 = createHash("sha256").update(text).digest("hex");
const pem = (n: number) => `-----BEGIN CERTIFICATE-----\n${n}\n-----END CERTIFICATE-----\n`;

async function inFolder(body: (folder: string) => void | Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync();
  try {
    await body(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("proxies are passed on in either case, and nothing else of the environment", () => {
  const proxies = {
    http_proxy: "a",
    HTTP_PROXY: "b",
    https_proxy: "c",
    HTTPS_PROXY: "d",
    NO_PROXY: "e",
    no_proxy: "f",
  };
  const environment = {
    ...proxies,
    ALL_PROXY: "g",
    DENO_TLS_CA_STORE: "system",
    SECRET: "x",
    HTTP_PROXY_TOKEN: "y",
  };
  assert.deepEqual(networkEnvironment("/none", environment), {
    ...proxies,
    ALL_PROXY: "g",
    DENO_TLS_CA_STORE: "system",
  });
});

Deno.test("the certificates of every variable are trusted together", () =>
  inFolder((folder) => {
    Deno.mkdirSync(`${folder}/more`);
    const files = ["a.pem", "b.pem", "c.pem", "more/d.0"].map((name) => `${folder}/${name}`);
    files.forEach((file, i) => Deno.writeTextFileSync(file, pem(i)));
    Deno.writeTextFileSync(`${folder}/more/README`, "no certificate");
    const environment = {
      DENO_CERT: files[0],
      SSL_CERT_FILE: files[1],
      node_extra_ca_certs: files[2],
      SSL_CERT_DIR: `${folder}/more:`,
    };
    assert.deepEqual(certificatesOf(environment), [0, 1, 2, 3].map(pem));
    const { DENO_CERT } = networkEnvironment(`${folder}/all.pem`, environment);
    assert.equal(Deno.readTextFileSync(DENO_CERT), [0, 1, 2, 3].map(pem).join("\n"));
    assert.throws(() => certificatesOf({ SSL_CERT_FILE: `${folder}/none` }), {
      code: "certificates",
      message: /the variable SSL_CERT_FILE names the certificates in .*none: there is no such file/,
    });
  }));

/** Runs a workflow with one download by the command line of the project. */
async function download(project: Project, url: string, environment: Record<string, string>) {
  const definition = {
    name: "d",
    about: "",
    tasks: { d: { kind: "download", params: { urls: [url], sha256 } } },
  };
  project.write("probe.ts", `export default ${JSON.stringify(definition)};`);
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", main, "run", "probe.ts", "--json", "--store", project.path("store")],
    cwd: project.folder,
    env: environment,
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  const events = out.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
  return { out, outcomes: outcomes({ code: 0, out, err, events }) };
}

for (const variable of ["HTTP_PROXY", "http_proxy"]) {
  Deno.test(`a download goes through the proxy of ${variable}, but not to hosts of NO_PROXY`, () =>
    inProject(async (project) => {
      const asked: string[] = [];
      await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
        asked.push(request.url);
        return new Response(text);
      });
      const environment = { [variable]: `http://127.0.0.1:${server.addr.port}`, NO_PROXY: "127.0.0.1" };
      const { out, outcomes } = await download(project, "http://files.example.test/f", environment);
      assert.deepEqual(outcomes, { d: "ran" }, out);
      assert.equal(asked.length, 1);
      assert.match(asked[0], /files\.example\.test\/f/);
    }));
}

const hasOpenssl = isThere("openssl");
if (!hasOpenssl) console.log("a download with a certificate of one's own is left out: it needs openssl");

for (const variable of ["DENO_CERT", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"]) {
  Deno.test({
    name: `a server is trusted by the certificates of ${variable}`,
    ignore: !hasOpenssl,
    fn: () =>
      inProject(async (project) => {
        const [key, cert] = ["key.pem", "cert.pem"].map((name) => project.path(name));
        const request = [
          "req",
          "-x509",
          "-newkey",
          "rsa:2048",
          "-nodes",
          "-keyout",
          key,
          "-out",
          cert,
          "-days",
          "2",
        ];
        const names = [
          "-subj",
          "/CN=localhost",
          "-addext",
          "subjectAltName=DNS:localhost",
          "-addext",
          "basicConstraints=critical,CA:FALSE",
        ];
        const { success } = await new Deno.Command("openssl", { args: [...request, ...names] }).output();
        assert.ok(success);
        await using server = Deno.serve(
          {
            port: 0,
            hostname: "localhost",
            key: project.read("key.pem"),
            cert: project.read("cert.pem"),
            onListen() {},
          },
          () => new Response(text),
        );
        const url = `https://localhost:${server.addr.port}/f`;
        const { out, outcomes } = await download(project, url, { [variable]: cert });
        assert.deepEqual(outcomes, { d: "ran" }, out);
      }),
  });
}

function isThere(program: string): boolean {
  try {
    return new Deno.Command(program, { args: ["version"], stdout: "null", stderr: "null" }).outputSync()
      .success;
  } catch {
    return false;
  }
}
