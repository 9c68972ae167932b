/** The kind `command`: any program, run in a fresh folder with its inputs at `in/<input>`. */
import { z } from "zod";
import { defineTask } from "../lib/flow/kind.ts";

/** Numbers and booleans are let in as texts, so that an argument can come from an axis. */
const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);

export default defineTask({
  name: "command",
  about: "run a program on in/<input> that writes out/<output>",
  params: z.strictObject({
    /** The program and its arguments; no shell is involved unless it is named. */
    argv: z.array(text).min(1),
    /** The environment of the program: these variables, and PATH where it is not among them. */
    env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), text).default({}),
  }),
  inputs: "any",
  outputs: "declared",
  program: ({ argv, env }) => ({ argv, env }),
});
