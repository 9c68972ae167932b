/** Sleeps far beyond its time limit, but ends when it is asked to. */

import { z } from "zod";
import { defineTask } from "../../../lib/flow/kind.ts";

export default defineTask({
  name: "sleeper",
  about: "sleep for ten minutes",
  params: z.strictObject({}),
  inputs: {},
  outputs: ["o"],
  timeLimitSeconds: 5,
  async run({ signal, log }) {
    log("asleep");
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, 600_000);
      signal.addEventListener("abort", () => (clearTimeout(timer), log("woken"), resolve(undefined)));
    });
  },
});
