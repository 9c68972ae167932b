/** Servers that groups have: a folder, nginx with WebDAV, and bazel-remote, which checks what it takes and gives. */

import assert from "node:assert/strict";
import { inProject, outcomes, type Project, until } from "../cli.ts";

function isInstalled(program: string): boolean {
  try {
    return new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" }).outputSync()
      .code !== 127;
  } catch {
    return false;
  }
}

function skipped(program: string): { ignore: boolean; about: string } {
  const ignore = !isInstalled(program);
  return { ignore, about: ignore ? ` (left out: there is no ${program} on PATH)` : "" };
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Runs a server until `body` is done. */
async function serving(
  program: string,
  args: string[],
  port: number,
  body: () => Promise<void>,
): Promise<void> {
  const child = new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "null" }).spawn();
  try {
    let isUp = false;
    const listen = async () => {
      while (!isUp) {
        try {
          (await Deno.connect({ hostname: "127.0.0.1", port })).close();
          isUp = true;
        } catch {
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      }
    };
    await Promise.race([listen(), child.status.then(() => Promise.reject(new Error(`${program} ended`)))]);
    await until(() => isUp, `${program} listens`);
    await body();
  } finally {
    try {
      child.kill("SIGTERM");
    } catch {
      // It has ended by itself.
    }
    await child.status;
  }
}

/** One store runs, another with the same cache runs nothing, and fetches the bytes that it needs and no others. */
async function share(project: Project, url: string): Promise<void> {
  const shell = (script: string, inputs: object) => ({
    kind: "command",
    params: { argv: ["sh", "-c", script] },
    inputs,
    outputs: ["out"],
  });
  const folder =
    "mkdir -p out/out/below; printf one > out/out/1; printf two > out/out/below/2; : > out/out/empty";
  project.workflow({
    a: shell(folder, {}),
    b: shell("head -c 17000000 /dev/zero > out/out", { from: "a.out" }),
  });
  const first = await project.run("--cache", url);
  assert.deepEqual(outcomes(first), { a: "ran", b: "ran" }, first.err);
  assert.doesNotMatch(first.err, /warning/);
  assert.equal(first.events.find(({ event }) => event === "cache")?.sent, 2);

  const other = ["--store", project.path("other"), "--cache", url];
  const second = await project.run(...other);
  assert.deepEqual(outcomes(second), { a: "reused", b: "reused" }, second.err);
  assert.doesNotMatch(second.err, /warning/);
  const { found, fetchedBytes, sent } = second.events.find(({ event }) => event === "cache")!;
  assert.deepEqual({ found, sent }, { found: 2, sent: 0 });
  assert.ok(fetchedBytes > 500 && fetchedBytes < 20_000, `${fetchedBytes} bytes`);

  const got = await project.call("get", "probe.ts", "b.out", "copy", ...other);
  assert.equal(got.code, 0, got.err);
  assert.equal(Deno.statSync(project.path("copy/out")).size, 17_000_000);
}

Deno.test("two stores share a folder", () =>
  inProject((project) => share(project, `file://${project.path("cache")}`)));

/** The part of nginx's settings that the documentation shows, for these places. */
function documented(files: string, users: string): string {
  const text = Deno.readTextFileSync(new URL("../../../docs/shared-cache.md", import.meta.url));
  const [, block] = /\n\n((?: {4}.*\n)*? {4}location .*\n(?: {4}.*\n)*)/.exec(text)!;
  const placed = block.replace("/srv/cache", files).replace("/etc/nginx/cache-users", users);
  assert.ok(placed.includes(`root ${files};`) && placed.includes(`auth_basic_user_file ${users};`), placed);
  return placed;
}

const nginx = skipped("nginx");
Deno.test(
  `two stores share nginx as the documentation sets it up, with a password for writing${nginx.about}`,
  { ignore: nginx.ignore },
  () =>
    inProject(async (project) => {
      const port = freePort();
      const at = (name: string) => project.path(`nginx/${name}`);
      for (const name of ["files", "tmp"]) Deno.mkdirSync(at(name), { recursive: true });
      // The user that nginx gives up root's rights for.
      for (const path of [project.folder, at("."), at("files"), at("tmp")]) Deno.chmodSync(path, 0o777);
      const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) =>
        `${name}_temp_path ${at("tmp")}/${name};`
      );
      project.write(
        "nginx/nginx.conf",
        `daemon off; pid ${at("pid")}; error_log ${at("error.log")}; events {}
http { access_log off; ${temporary.join(" ")} server { listen 127.0.0.1:${port};
${documented(at("files"), at("users"))} } }
`,
      );
      project.write("nginx/users", "group:{PLAIN}secret\n");
      const reader = project.withEnvironment({ NETRC: project.path("none") });
      const writer = project.withEnvironment({ NETRC: project.path("netrc") });
      project.write("netrc", "machine 127.0.0.1 login group password secret\n");
      const url = `http://127.0.0.1:${port}/protoflow`;
      const args = ["-c", at("nginx.conf"), "-p", at("."), "-e", at("error.log")];
      await serving("nginx", args, port, async () => {
        project.workflow({
          a: { kind: "command", params: { argv: ["touch", "out/out"] }, outputs: ["out"] },
        });
        const refused = await reader.run("--cache", url, "--store", project.path("reader"));
        assert.match(refused.err, /it answered 401: it wants other credentials/);
        assert.deepEqual([...Deno.readDirSync(at("files"))], []);
        await share(writer, url);
        const read = await reader.run("--cache", url, "--store", project.path("third"));
        assert.deepEqual(outcomes(read), { a: "reused", b: "reused" }, read.err);
      });
    }),
);

const bazelRemote = skipped("bazel-remote");
Deno.test(`two stores share bazel-remote, which checks all entries${bazelRemote.about}`, {
  ignore: bazelRemote.ignore,
}, () =>
  inProject(async (project) => {
    const port = freePort();
    const args = ["--dir", project.path("bazel"), "--max_size", "1", "--http_address", `127.0.0.1:${port}`];
    await serving("bazel-remote", [...args, "--grpc_address", "none"], port, () =>
      share(project, `http://127.0.0.1:${port}`));
  }));
