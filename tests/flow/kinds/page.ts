/** Writes a page that may hold a placeholder for the facts of a run, and a second file with the same text. */

import { join } from "node:path";
import { z } from "zod";
import { defineTask } from "../../../lib/flow/kind.ts";

export default defineTask({
  name: "page",
  about: "write a page",
  params: z.strictObject({ text: z.string() }),
  inputs: { words: { about: "texts", many: true, optional: true } },
  outputs: ["page", "plain"],
  runFacts: { output: "page", file: "sub/page.txt", placeholder: "@FACTS@" },
  run({ params, output }) {
    const folder = output("page");
    Deno.mkdirSync(join(folder, "sub"), { recursive: true });
    Deno.writeTextFileSync(join(folder, "sub", "page.txt"), params.text);
    Deno.writeTextFileSync(join(folder, "index.html"), params.text);
    Deno.writeTextFileSync(output("plain"), params.text);
  },
});
