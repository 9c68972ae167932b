/** A kind whose code ends the process as if all were well, when a part of its output is written. */

import { z } from "zod";
import { defineTask } from "../../../lib/flow/kind.ts";

export default defineTask({
  name: "quits_run",
  about: "end the process",
  params: z.strictObject({}),
  inputs: {},
  outputs: ["o"],
  run({ output }) {
    Deno.writeTextFileSync(output("o"), "half");
    Deno.exit(0);
  },
});
