/** Per-item work whose results are part of the output as they are: every text in capitals, and one list of them. */

import { join } from "node:path";
import { z } from "zod";
import { defineTask } from "../../../lib/flow/kind.ts";

export default defineTask({
  name: "pages",
  about: "every text in capitals",
  params: z.strictObject({ intruder: z.string().optional() }),
  inputs: { texts: { about: "a folder of texts" } },
  outputs: ["pages"],
  items: {
    folders: { pages: "each" },
    list: ({ input }) =>
      [...Deno.readDirSync(input("texts"))].map(({ name }) => ({ id: name, files: { texts: [name] } })),
    runItem({ input, output, log }, { id }) {
      Deno.writeTextFileSync(output("pages"), Deno.readTextFileSync(join(input("texts"), id)).toUpperCase());
      log(`set ${id}`);
    },
    collect({ params: { intruder }, output }, results) {
      const texts = results.ids.map((id) => `${id}: ${Deno.readTextFileSync(results.path(id, "pages"))}\n`);
      Deno.mkdirSync(output("pages"));
      Deno.writeTextFileSync(join(output("pages"), "list"), texts.sort().join(""));
      if (intruder === undefined) return;
      Deno.mkdirSync(join(output("pages"), "each"));
      Deno.writeTextFileSync(join(output("pages"), "each", intruder), "something else");
    },
  },
});
