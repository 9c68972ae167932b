/** Sleeps far beyond its time limit, but ends when it is asked to. */

import { z } from "zod";
import { defineTask } from "../../../lib/flow/kind.ts";

export default defineTask({
  name: "sleeper",
  about: "sleep for a minute",
  params: z.strictObject({}),
  inputs: {},
  outputs: ["o"],
  timeLimitSeconds: 1,
  async run({ signal, log }) {
    log("asleep");
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, 60_000);
      signal.addEventListener("abort", () => (clearTimeout(timer), log("woken"), resolve(undefined)));
    });
  },
});
