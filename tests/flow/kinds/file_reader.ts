/** Tries to read files that its key does not cover, and to keep something for its next process. */

import { z } from "zod";
import { defineTask } from "../../../lib/flow/kind.ts";

/** Each gives the text of the file at an absolute path by another way. */
const ways: Record<string, (path: string) => unknown> = {
  text: (path) => Deno.readTextFile(path),
  fetch: async (path) => await (await fetch(`file://${path}`)).text(),
  parent: (path) => Deno.readTextFile(`${Deno.cwd()}/${"../".repeat(40)}${path.slice(1)}`),
  node: (path) => process.getBuiltinModule("node:fs").readFileSync(path, "utf8"),
  require: (path) => process.getBuiltinModule("node:module").createRequire(path)(path),
  import: (path) => (0, eval)(`import("file://${path}")`),
  worker: (path) => inWorker(`import "file://${path}"; self.postMessage("read");`),
  symlink: (path) => (Deno.symlinkSync(path, "tmp/link"), Deno.readTextFile("tmp/link")),
  link: (path) => (Deno.linkSync(path, "tmp/copy"), Deno.readTextFile("tmp/copy")),
  copy: (path) => (Deno.copyFileSync(path, "tmp/copy"), Deno.readTextFile("tmp/copy")),
  database: (path) => new (process.getBuiltinModule("node:sqlite").DatabaseSync)(path),
  library: (path) => Deno.dlopen(path, {}),
  program: (path) => new Deno.Command("cat", { args: [path] }).outputSync(),
  own: () => Deno.readTextFile(/file:\/\/(\/.*?\.ts)/.exec(new Error().stack!)![1]),
  storage: () => Reflect.get(globalThis, "localStorage").getItem("x"),
  caches: () => Reflect.get(globalThis, "caches").open("x"),
};

function inWorker(code: string): Promise<unknown> {
  const url = URL.createObjectURL(new Blob([code], { type: "application/javascript" }));
  const worker = new Worker(url, { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = resolve;
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(event.message));
    };
  }).finally(() => worker.terminate());
}

export default defineTask({
  name: "file_reader",
  about: "report by which ways a file can be read",
  params: z.strictObject({ path: z.string(), fail: z.boolean().default(false) }),
  inputs: {},
  outputs: ["read"],
  permissions: { ffi: true, env: true, sys: true },
  async run({ params, output }) {
    if (params.fail) await ways.text(params.path);
    const read: string[] = [];
    for (const [name, way] of Object.entries(ways)) {
      try {
        await way(params.path);
        read.push(name);
      } catch (error) {
        console.log(name, error);
      }
    }
    Deno.writeTextFileSync(output("read"), JSON.stringify({ read, tried: Object.keys(ways).length }));
  },
});
