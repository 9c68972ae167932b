/** Bazel reads the entries that are written here: a build takes its output from one. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { writeEntry } from "../../../lib/flow/remote/entry.ts";
import { sha256Hex } from "../../../lib/flow/store/digest.ts";
import { publishFiles } from "../store/scratch.ts";
import { sharing } from "./cache_server.ts";

const bazel = await new Deno.Command("bazel", {
  args: ["--version"],
  stdout: "null",
  stderr: "null",
})
  .output().then(({ success }) => success, () => false);

const RULE = `genrule(name = "made", outs = ["out.txt"], cmd = "echo made by bazel > $@")\n`;

async function build(folder: string, cache: string, root: string): Promise<string> {
  const startup = ["--batch", `--output_user_root=${join(folder, root)}`];
  const options = [`--remote_cache=${cache}`, "--spawn_strategy=local", "--color=no"];
  const args = [...startup, "build", "//:made", ...options];
  const { success, stderr } = await new Deno.Command("bazel", { args, cwd: folder, stdout: "null" }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return Deno.readTextFileSync(join(folder, "bazel-bin/out.txt"));
}

Deno.test({
  name: `Bazel takes an output from an entry${bazel ? "" : " (left out: there is no bazel on PATH)"}`,
  ignore: !bazel,
  fn: () =>
    sharing(async ({ server, store }) => {
      const folder = Deno.makeTempDirSync();
      try {
        Deno.writeTextFileSync(join(folder, "WORKSPACE"), "");
        Deno.writeTextFileSync(join(folder, "BUILD"), RULE);
        assert.equal(await build(folder, server.url, "first"), "made by bazel\n");
        const [name, ...more] = [...server.kept.keys()].filter((path) => path.startsWith("ac/"));
        assert.deepEqual(more, []);
        const path =
          /bazel-out\/[\w./-]+out\.txt/.exec(new TextDecoder("latin1").decode(server.kept.get(name)))![0];

        const text = "made by protoflow\n";
        const bytes = new TextEncoder().encode(text);
        const { record } = await publishFiles(store(), { a: 1 }, { out: { "": text } });
        const digest = { hash: sha256Hex(bytes), sizeBytes: bytes.length };
        const files = [{ path, digest, isExecutable: false }];
        server.kept.set(`cas/${digest.hash}`, bytes);
        server.kept.set(name, await writeEntry(record!, { files, folders: [] }, undefined));
        assert.equal(await build(folder, server.url, "second"), text);
      } finally {
        await new Deno.Command("chmod", { args: ["-R", "u+w", folder] }).output();
        Deno.removeSync(folder, { recursive: true });
      }
    }),
});
