/** The kind `command`: runs any program in a fresh folder with its inputs at `in/<input>`. */
import { z } from "zod";
import { defineTask } from "../lib/flow/kind.ts";

/** A string. Numbers and booleans are converted to strings, so that an axis can provide an argument. */
const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);

export default defineTask({
  name: "command",
  about: "run a program that reads in/<input> and writes out/<output>",
  params: z.strictObject({
    /** The program and its arguments; no shell is involved unless it is named. */
    argv: z.array(text).min(1),
    /** The environment variables of the program. PATH is added if it is not given. */
    env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), text).default({}),
  }),
  inputs: "any",
  outputs: "declared",
  program: ({ argv, env }) => ({ argv, env }),
});
