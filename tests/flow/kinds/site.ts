/** Writes pages that hold a placeholder for the facts of a run, and how its figures compare with published ones. */

import { join } from "node:path";
import { z } from "zod";
import { defineTask } from "../../../lib/flow/kind.ts";

export default defineTask({
  name: "site",
  about: "write pages in folders",
  params: z.strictObject({ published: z.string().optional() }),
  inputs: {},
  outputs: ["pages"],
  runFacts: { output: "pages", file: /(^|\/)index\.html$/, placeholder: "@FACTS@" },
  published: { output: "pages", file: "published.json" },
  run({ params: { published }, output }) {
    const folder = output("pages");
    Deno.mkdirSync(join(folder, "rows"), { recursive: true });
    for (const path of ["index.html", "rows/index.html", "rows/other.html"]) {
      Deno.writeTextFileSync(join(folder, path), "@FACTS@");
    }
    if (published !== undefined) Deno.writeTextFileSync(join(folder, "published.json"), published);
  },
});
