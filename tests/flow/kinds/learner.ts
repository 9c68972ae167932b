/** Reports a loss with each step. Before its last step it says so in its scratch folder, and waits there for leave. */

import { join } from "node:path";
import { z } from "zod";
import { defineTask } from "../../../lib/flow/kind.ts";

export default defineTask({
  name: "learner",
  about: "report a loss that falls",
  params: z.strictObject({ steps: z.int() }),
  inputs: {},
  outputs: ["o"],
  async run({ params: { steps }, output, scratch, progress, log }) {
    for (let step = 1; step <= steps; step++) {
      if (step === steps) await leave(scratch);
      progress({ done: step, total: steps, unit: "steps", values: { epoch: step, loss: 8 / step } });
      log(`step ${step} <b>of</b> ${steps}`);
    }
    Deno.writeTextFileSync(output("o"), "learned\n");
  },
});

async function leave(scratch: string): Promise<void> {
  Deno.writeTextFileSync(join(scratch, "waiting"), "");
  for (;;) {
    try {
      return void Deno.statSync(join(scratch, "go"));
    } catch {
      await new Promise((go) => setTimeout(go, 20));
    }
  }
}
