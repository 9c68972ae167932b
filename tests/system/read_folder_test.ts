/** Listing folders: all that is in them, or an error. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { readFolder } from "../../lib/system/read_folder.ts";
import { hasStrace } from "../flow/faults/system_calls.ts";

const MANY = 3000;
const module = new URL("../../lib/system/read_folder.ts", import.meta.url).href;
const withStrace = await hasStrace();

function inFolder(body: (folder: string) => void | Promise<void>) {
  return async () => {
    const folder = Deno.makeTempDirSync();
    try {
      for (let i = 0; i < MANY; i++) Deno.writeTextFileSync(join(folder, `file ${i} ü`), "");
      Deno.mkdirSync(join(folder, "folder"));
      Deno.symlinkSync("folder", join(folder, "link"));
      await body(folder);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  };
}

Deno.test(
  "every entry of a folder is listed, and whether it is a folder",
  inFolder((folder) => {
    const sorted = (entries: Iterable<{ name: string; isDirectory: boolean }>) =>
      Array.from(entries, ({ name, isDirectory }) => ({ name, isDirectory }))
        .sort((a, b) => a.name < b.name ? -1 : 1);
    const entries = sorted(readFolder(folder));
    assert.equal(entries.length, MANY + 2);
    assert.deepEqual(entries, sorted(Deno.readDirSync(folder)));
    assert.deepEqual(readFolder(join(folder, "folder")), []);
    assert.throws(() => readFolder(join(folder, "absent")), Deno.errors.NotFound);
    assert.throws(() => readFolder(join(folder, "file 1 ü")), Deno.errors.NotADirectory);
  }),
);

Deno.test({
  name: "entries whose names are not UTF-8 are listed too",
  ignore: Deno.build.os !== "linux",
  fn: inFolder((folder) => {
    const script = "mkdir \"$(printf 'd\\377')\"; touch \"$(printf 'f\\376')\" \"$(printf 'f\\377')\"";
    new Deno.Command("sh", { args: ["-c", script], cwd: join(folder, "folder") }).outputSync();
    const entries = readFolder(join(folder, "folder")).toSorted((a, b) => a.name < b.name ? -1 : 1);
    assert.deepEqual(entries, [
      { name: "d\ufffd", isDirectory: true, isSymlink: false },
      { name: "f\ufffd", isDirectory: false, isSymlink: false },
      { name: "f\ufffd", isDirectory: false, isSymlink: false },
    ]);
  }),
});

Deno.test({
  name: "a process that ends while /proc is listed is left out, and no error",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const script = "while :; do /bin/true & /bin/true & /bin/true & wait; done";
    const forking = new Deno.Command("sh", { args: ["-c", script], stdout: "null", stderr: "null" }).spawn();
    try {
      // One list in some hundred meets a process that is just ending.
      for (let i = 0; i < 5000; i++) {
        const names = readFolder("/proc").map(({ name }) => name);
        assert.ok(names.includes(String(Deno.pid)) && names.includes("self"));
      }
    } finally {
      forking.kill("SIGKILL");
      await forking.status;
    }
  },
});

for (const when of ["1", "2"]) {
  Deno.test({
    name: `a folder that the disk fails to list is an error, at call ${when}` +
      (withStrace ? "" : " (left out: strace is absent, or may not trace here)"),
    ignore: !withStrace,
    fn: inFolder(async (folder) => {
      const code = `import { readFolder } from ${JSON.stringify(module)};
        try { console.log(readFolder(${
        JSON.stringify(folder)
      }).length); } catch (error) { console.log(error.code); }`;
      const inject = [
        "-P",
        folder,
        "-e",
        "trace=getdents64",
        "-e",
        `inject=getdents64:error=EIO:when=${when}`,
      ];
      const args = ["-f", "-o", "/dev/null", ...inject, Deno.execPath(), "eval", "--no-config", code];
      const { stdout, stderr } = await new Deno.Command("strace", { args }).output();
      assert.equal(new TextDecoder().decode(stdout), "EIO\n", new TextDecoder().decode(stderr));
    }),
  });
}
