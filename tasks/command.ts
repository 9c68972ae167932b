/** The kind `command`: any program, run in a fresh folder with its inputs at `in/<input>`. */
import { z } from "zod";
import { defineTask } from "../lib/flow/kind.ts";

export default defineTask({
  name: "command",
  about: "run a program on in/<input> that writes out/<output>",
  params: z.strictObject({
    /** The program and its arguments; no shell is involved unless it is named. */
    argv: z.array(z.string()).min(1),
    /** The environment of the program: these variables, and PATH where it is not among them. */
    env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string()).default({}),
  }),
  inputs: "any",
  outputs: "declared",
  program: ({ argv, env }) => ({ argv, env }),
});
