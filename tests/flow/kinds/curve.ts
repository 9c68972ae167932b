/** A chain with a log of a value a step, which follows from its seed; it may throw an error of a name of its own. */

import { createHash } from "node:crypto";
import { z } from "zod";
import { defineTask } from "../../../lib/flow/kind.ts";

class DivergedError extends Error {
  override readonly name = "DivergedError";
}

export default defineTask({
  name: "curve",
  about: "log a value a step",
  params: z.strictObject({
    seed: z.int(),
    steps: z.int(),
    segment: z.int().default(10),
    /** The step at which it throws. */
    diverges: z.int().optional(),
  }),
  inputs: { begin: { about: "anything", optional: true } },
  outputs: ["state", "log"],
  chain: { steps: "steps", segment: "segment", state: "state" },
  run({ params: { seed, diverges }, output, chain }) {
    const { from, to, state } = chain!;
    const lines: string[] = state === undefined ? [] : JSON.parse(Deno.readTextFileSync(state));
    for (let step = from + 1; step <= to; step++) {
      if (step === diverges) throw new DivergedError(`no value at step ${step}`);
      const digest = createHash("sha256").update(`${seed} ${step}`).digest();
      lines.push(JSON.stringify({ step, value: digest[0] }));
    }
    Deno.writeTextFileSync(output("state"), JSON.stringify(lines));
    Deno.writeTextFileSync(output("log"), lines.map((line) => `${line}\n`).join(""));
  },
});
