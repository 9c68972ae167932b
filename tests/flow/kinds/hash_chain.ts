/** A chain whose state after step k is the k-fold digest of a seed. */

import { createHash } from "node:crypto";
import { z } from "zod";
import { defineTask } from "../../../lib/flow/kind.ts";

export default defineTask({
  name: "hash_chain",
  about: "digest a seed again and again",
  params: z.strictObject({
    seed: z.string(),
    steps: z.number().int(),
    segment: z.number().int().default(10),
    /** How long more than two steps at once take. */
    longMs: z.number().optional(),
  }),
  inputs: {},
  outputs: ["state", "trace"],
  chain: { steps: "steps", segment: "segment", state: "state" },
  async run({ params, output, progress, chain, log }) {
    const { from, to, state } = chain!;
    if (to - from > 2) await new Promise((resolve) => setTimeout(resolve, params.longMs ?? 0));
    let value = state === undefined ? params.seed : Deno.readTextFileSync(state);
    for (let step = from + 1; step <= to; step++) {
      value = createHash("sha256").update(value).digest("hex");
      progress({ done: step, total: params.steps, unit: "steps" });
    }
    log(`steps ${from + 1} to ${to}`);
    Deno.writeTextFileSync(output("state"), value);
    Deno.writeTextFileSync(output("trace"), `${to}\n`);
  },
});
