/** Writes an environment variable that it may read. */

import { z } from "zod";
import { defineTask } from "../../../lib/flow/kind.ts";

export default defineTask({
  name: "flavour",
  about: "write the variable FLAVOUR",
  params: z.strictObject({}),
  inputs: {},
  outputs: ["text"],
  permissions: { env: ["FLAVOUR", "HOME"] },
  run: ({ output }) => Deno.writeTextFileSync(output("text"), Deno.env.get("FLAVOUR") ?? "none"),
});
