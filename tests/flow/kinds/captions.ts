/** Per-item work on one file that all items share: an item's facts are its own part of that file. */

import { z } from "zod";
import type { Json } from "../../../lib/flow/json.ts";
import { defineTask, type TaskContext } from "../../../lib/flow/kind.ts";

/** Values that are not JSON, by name. */
const NO_JSON: Readonly<Record<string, unknown>> = {
  "NaN": NaN,
  "undefined": undefined,
  "function": () => 1,
  "Map": new Map([["a", 1]]),
};

function captionsOf({ input }: TaskContext): Map<string, Json> {
  return new Map(Object.entries(JSON.parse(Deno.readTextFileSync(input("captions")))));
}

export default defineTask({
  name: "captions",
  about: "one text an entry of a list of captions",
  params: z.strictObject({
    /** Put among the facts of every item, if given. */
    wrong: z.enum(["NaN", "undefined", "function", "Map"]).optional(),
  }),
  inputs: { captions: { about: "captions by name" } },
  outputs: ["texts"],
  items: {
    list(context) {
      const { wrong } = context.params;
      return [...captionsOf(context)].map(([id, caption]) => ({
        id,
        files: {},
        facts: { caption, ...(wrong !== undefined && { more: [NO_JSON[wrong] as Json] }) },
      }));
    },
    runItem({ output, log }, { id, facts }) {
      log(`wrote ${id}`);
      Deno.writeTextFileSync(output("texts"), JSON.stringify(facts));
    },
  },
});
