/** Per-item work: the length of every file of a folder; some files make it fail or die. */

import { join } from "node:path";
import process from "node:process";
import { z } from "zod";
import { defineTask } from "../../../lib/flow/kind.ts";

export default defineTask({
  name: "lengths",
  about: "the length of every file",
  params: z.strictObject({
    neighbour: z.string().optional(),
    /** What its demand estimates. */
    seconds: z.number().optional(),
  }),
  inputs: { texts: { about: "a folder of texts" } },
  outputs: ["lengths"],
  items: {
    list({ params, input }) {
      const names = [...Deno.readDirSync(input("texts"))].map(({ name }) => name).sort();
      const own = names.filter((name) => name !== params.neighbour);
      return own.map((name) => ({ id: name, files: { texts: [name] } }));
    },
    prepare({ log }) {
      log("prepared");
      return { unit: "characters" };
    },
    runItem({ params, input, output, log }, item, { unit }) {
      // No item names it.
      if (params.neighbour !== undefined) Deno.readTextFileSync(join(input("texts"), params.neighbour));
      const text = Deno.readTextFileSync(join(input("texts"), item.id));
      log(`measured ${item.id}`);
      if (text.startsWith("bad")) throw new Error("this text is bad");
      if (text.startsWith("deadly")) process.kill(process.pid, "SIGKILL");
      Deno.writeTextFileSync(output("lengths"), `${text.length} ${unit}`);
    },
    collect({ output }, results) {
      const lines = results.ids.map((id) => `${id}: ${Deno.readTextFileSync(results.path(id, "lengths"))}\n`);
      Deno.writeTextFileSync(output("lengths"), lines.join(""));
    },
  },
});
