/** Tells which file it was given, so that two tasks can be seen to have been given the same one. */

import { join } from "node:path";
import { z } from "zod";
import { defineTask } from "../../../lib/flow/kind.ts";

export default defineTask({
  name: "file_id",
  about: "the number of a file of a folder",
  params: z.strictObject({ name: z.string(), seed: z.int().default(0) }),
  inputs: { files: { about: "a folder" } },
  outputs: ["id"],
  run({ params, input, output }) {
    const { ino } = Deno.statSync(join(input("files"), params.name));
    Deno.writeTextFileSync(output("id"), String(ino));
  },
});
