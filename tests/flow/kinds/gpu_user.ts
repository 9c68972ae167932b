/** Takes a gpu for a while, and says which it saw and when. */

import { z } from "zod";
import { defineTask } from "../../../lib/flow/kind.ts";

export default defineTask({
  name: "gpu_user",
  about: "hold a gpu",
  params: z.strictObject({ name: z.string() }),
  inputs: {},
  outputs: ["seen"],
  resources: { cpu: 0, gpu: 1 },
  permissions: { env: ["CUDA_VISIBLE_DEVICES"] },
  async run({ output, resources }) {
    const from = Date.now();
    await new Promise((resolve) => setTimeout(resolve, 150));
    const seen = {
      visible: Deno.env.get("CUDA_VISIBLE_DEVICES"),
      gpus: resources.gpus,
      from,
      to: Date.now(),
    };
    Deno.writeTextFileSync(output("seen"), JSON.stringify(seen));
  },
});
