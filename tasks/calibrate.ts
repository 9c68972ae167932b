/** The kind `calibrate`: measures how fast this machine computes, for the estimates of `plan`. */
import { z } from "zod";
import { defineTask } from "../lib/flow/kind.ts";
import { measureSpeed } from "../lib/runtime/speed.ts";
import { sessionOptions } from "../lib/runtime/session_options.ts";
import { nativeLibraries } from "./permissions.ts";

export default defineTask({
  name: "calibrate",
  about: "measure how fast this machine computes",
  params: z.strictObject({}),
  inputs: {},
  /** `speed`: a JSON object with the number `flopPerSecond`. */
  outputs: ["speed"],
  resources: { cpu: 4 },
  permissions: nativeLibraries,
  async run(context) {
    const flopPerSecond = await measureSpeed(sessionOptions(context));
    context.log(`${(flopPerSecond / 1e9).toFixed(0)} GFLOP a second`);
    Deno.writeTextFileSync(context.output("speed"), `${JSON.stringify({ flopPerSecond })}\n`);
  },
});
