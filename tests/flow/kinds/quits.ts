/** Per-item work whose code ends the process as if all were well. */

import process from "node:process";
import { z } from "zod";
import { defineTask } from "../../../lib/flow/kind.ts";

export const PLACES = ["list", "prepare", "item", "collect"] as const;

export default defineTask({
  name: "quits",
  about: "end the process",
  params: z.strictObject({ at: z.enum(PLACES) }),
  inputs: {},
  outputs: ["o"],
  items: {
    list: ({ params: { at } }) =>
      at === "list" ? Deno.exit(0) : ["a", "b", "c"].map((id) => ({ id, files: {} })),
    prepare: ({ params: { at } }) => at === "prepare" ? process.exit(0) : {},
    runItem({ params: { at }, output }, { id }) {
      Deno.writeTextFileSync(output("o"), id);
      if (at === "item" && id === "b") Deno.exit(0);
    },
    collect({ params: { at }, output }, { ids }) {
      Deno.writeTextFileSync(output("o"), ids.join());
      if (at === "collect") Deno.exit(0);
    },
  },
});
