/** Takes a gpu, or a part of one, for a while, and says which it saw and when. */

import { z } from "zod";
import { defineTask } from "../../../lib/flow/kind.ts";

export default defineTask({
  name: "gpu_user",
  about: "hold a gpu",
  params: z.strictObject({ name: z.string(), gpu: z.number().default(1), ms: z.number().default(150) }),
  inputs: {},
  outputs: ["seen"],
  resources: ({ gpu }) => ({ cpu: 0, gpu }),
  permissions: { env: ["CUDA_VISIBLE_DEVICES"] },
  async run({ params, output, resources }) {
    const from = Date.now();
    await new Promise((resolve) => setTimeout(resolve, params.ms));
    const seen = {
      visible: Deno.env.get("CUDA_VISIBLE_DEVICES"),
      gpus: resources.gpus,
      from,
      to: Date.now(),
    };
    Deno.writeTextFileSync(output("seen"), JSON.stringify(seen));
  },
});
