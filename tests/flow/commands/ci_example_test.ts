/** The examples of docs/ci.md: their commands, on a machine that has nothing but the cache and the public key. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { filesBelow, PROJECT } from "../../house/project_files.ts";
import { inProjectWithOwnKinds } from "../cli.ts";
import { TestServer } from "../remote/cache_server.ts";

/** In the place of `birds`, which takes minutes. */
const EXAMPLE = "search-example.ts";
const CREDENTIALS = "ci:secret";

/** The commands of each example, as words after `deno task`. */
function examples(): string[][][] {
  assert.ok(filesBelow("docs").includes("docs/ci.md"));
  const text = Deno.readTextFileSync(join(PROJECT, "docs/ci.md"));
  return [...text.matchAll(/```yaml\n([^]*?)```/g)].map(([, block]) =>
    [...block.matchAll(/npx -y deno@[\d.]+ task (.*)/g)].map(([, words]) => words.trim().split(/\s+/))
  );
}

Deno.test("the commands of docs/ci.md verify what another machine has sent", async () => {
  const [github, gitlab, ...more] = examples();
  assert.deepEqual([github, more], [gitlab, []]);
  assert.ok(github.length > 0);
  const server = new TestServer();
  try {
    await inProjectWithOwnKinds(async (project) => {
      project.write(EXAMPLE, Deno.readTextFileSync(join(PROJECT, "workflows", EXAMPLE)));
      const expected = `Basic ${btoa(CREDENTIALS)}`;
      server.fault = (request) =>
        request.headers.get("authorization") === expected ? undefined : new Response(null, { status: 401 });
      const key = await project.call("key", "group.pem");
      const cache = { url: server.url, write: true, credentials: "CACHE_CREDENTIALS" };
      const settings = { caches: [cache], trustedKeys: [key.out.trim()] };
      project.write("protoflow.json", JSON.stringify(settings));
      const group = project.withEnvironment({
        CACHE_CREDENTIALS: CREDENTIALS,
        PROTOFLOW_SIGNING_KEY: project.read("group.pem"),
      });
      const run = await group.call("run", EXAMPLE, "--set", "matrix.trial=0..2");
      assert.equal(run.code, 0, run.err + run.out);

      const ci = project.withEnvironment({ CACHE_CREDENTIALS: CREDENTIALS });
      for (const words of github) {
        const args = words.map((word) => word === "birds" ? EXAMPLE : word);
        const store = project.path(`store-${words.join("")}`);
        const result = await ci.call(...args, "--set", "matrix.trial=0..2", "--store", store);
        assert.equal(result.code, 0, `${words.join(" ")}\n${result.out}${result.err}`);
        assert.equal(result.err.match(/warning/g), null, result.err);
      }
      assert.equal(server.count("PUT", "ac") > 0, true);

      // What nobody of the group has signed is no result, and nothing is verified by it.
      project.write(
        "protoflow.json",
        JSON.stringify({ ...settings, trustedKeys: [`ed25519:${btoa("0".repeat(32))}`] }),
      );
      const [, ...frozen] = github[0].map((word) => word === "birds" ? EXAMPLE : word);
      const untrusted = await ci.call(
        "verify",
        ...frozen,
        "--set",
        "matrix.trial=0..2",
        "--store",
        project.path("untrusted"),
      );
      assert.equal(untrusted.code, 3, untrusted.out + untrusted.err);
    });
  } finally {
    await server.close();
  }
});
