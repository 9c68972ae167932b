/** Waits for ten minutes and longer; if it is deaf, in a call during which nothing reaches it. */

import { z } from "zod";
import { defineTask } from "../../../lib/flow/kind.ts";

export default defineTask({
  name: "waiter",
  about: "wait for ten minutes",
  params: z.strictObject({ deaf: z.boolean() }),
  inputs: {},
  outputs: ["o"],
  async run({ params, log }) {
    log("waiting");
    if (params.deaf) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600_000);
    await new Promise((resolve) => setTimeout(resolve, 600_000));
  },
});
