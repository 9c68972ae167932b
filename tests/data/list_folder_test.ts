/** Folders of a data set are read to their end, or the error names the folder: never a part for the whole. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { findPlace } from "../../lib/data/find_place.ts";
import { listFolder } from "../../lib/data/list_folder.ts";
import { denoCommand } from "../../lib/flow/job/deno_command.ts";
import { hasStrace } from "../flow/faults/system_calls.ts";
import { PNG, withFolder } from "./folder.ts";

const lib = new URL("../../lib/", import.meta.url);
const kindFolder = new URL("../../tasks", import.meta.url).pathname;
const withStrace = await hasStrace();

Deno.test("a link to a folder is a folder, one that leads nowhere is none, and no folder is undefined", () =>
  withFolder({ "set/images.txt": "", "file": "" }, (root) => {
    Deno.symlinkSync("set", join(root, "link"));
    Deno.symlinkSync("nowhere", join(root, "broken"));
    assert.deepEqual(listFolder(root), [
      { name: "broken", isDirectory: false, isSymlink: true },
      { name: "file", isDirectory: false, isSymlink: false },
      { name: "link", isDirectory: true, isSymlink: true },
      { name: "set", isDirectory: true, isSymlink: false },
    ]);
    assert.equal(listFolder(join(root, "absent")), undefined);
    assert.equal(listFolder(join(root, "file")), undefined);
    const elsewhere = Deno.makeTempDirSync();
    try {
      Deno.symlinkSync(join(root, "set"), join(elsewhere, "mirror"));
      assert.equal(findPlace(elsewhere, "images.txt"), join(elsewhere, "mirror/images.txt"));
    } finally {
      Deno.removeSync(elsewhere, { recursive: true });
    }
  }));

/** Code that reads a data set in `root`, by the folder that the disk fails to list meanwhile. */
const READERS: Readonly<Record<string, (root: string) => string>> = {
  "Images": (root) =>
    `const { readDogs } = await import(${JSON.stringify(new URL("data/dogs.ts", lib))});
    readDogs({ images: "${root}/Images", annotations: "${root}", lists: "${root}" });`,
  "mirror": (root) =>
    `const { findPlace } = await import(${JSON.stringify(new URL("data/find_place.ts", lib))});
    findPlace("${root}", "images.txt");`,
  "Images/a": (root) =>
    `const { ImageFolder } = await import(${JSON.stringify(new URL("data/image_files.ts", lib))});
    new ImageFolder("${root}/Images").find("a", "u\\u0308.png");`,
};

for (const [folder, reader] of Object.entries(READERS)) {
  for (const when of ["1", "2"]) {
    Deno.test({
      name: `a kind that reads ${folder} is told when the disk fails to list it, at call ${when}` +
        (withStrace ? "" : " (left out: strace is absent, or may not trace here)"),
      ignore: !withStrace,
      fn: () =>
        withFolder(
          { "Images/a/ü.png": PNG, "Images/b/1.png": PNG, "mirror/images.txt": "" },
          async (root) => {
            const main = join(root, "main.mjs");
            Deno.writeTextFileSync(
              main,
              `try {${reader(root)}} catch (error) { console.log(error.message); }`,
            );
            const command = denoCommand({
              args: [main],
              kindFolder,
              permissions: { ffi: true, env: true, sys: true },
              reads: [lib.pathname],
            });
            const inject = `inject=getdents64:error=EIO:when=${when}`;
            const trace = ["-f", "-o", "/dev/null", "-P", join(root, folder), "-e", "trace=getdents64"];
            const { stdout, stderr } = await new Deno.Command("strace", {
              args: [...trace, "-e", inject, ...command],
              cwd: root,
            }).output();
            const said = new TextDecoder().decode(stdout);
            const expected = `${join(root, folder)}: the folder can't be listed`;
            assert.ok(
              said.startsWith(expected) && said.includes("EIO"),
              said + new TextDecoder().decode(stderr),
            );
          },
        ),
    });
  }
}
