/** A program whose arguments do not follow from the params alone. */

import { z } from "zod";
import { defineTask } from "../../../lib/flow/kind.ts";

export default defineTask({
  name: "impure",
  about: "write an environment variable",
  params: z.strictObject({}),
  inputs: {},
  outputs: ["text"],
  program: () => ({ argv: ["/bin/sh", "-c", `echo ${Deno.env.get("FLAVOUR")} > out/text`], env: {} }),
});
