/** The kind `calibrate`: measures how fast this machine computes, for the estimates of `plan`. */
import { cpuUsage } from "node:process";
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
  /** `speed`: a JSON object, see `calibration` in lib/flow/kind.ts. */
  outputs: ["speed"],
  resources: { cpu: 4 },
  permissions: nativeLibraries,
  async run(context) {
    // Deno's start and the import of this kind, in time of the CPU: other work of the machine hardly counts.
    const { user, system } = cpuUsage();
    const startSeconds = (user + system) / 1e6;
    const { flopPerSecond, operations } = await measureSpeed(sessionOptions(context));
    context.log(`${(flopPerSecond / 1e9).toFixed(0)} GFLOP a second`);
    const speed = JSON.stringify({ flopPerSecond, startSeconds, operations });
    Deno.writeTextFileSync(context.output("speed"), `${speed}\n`);
  },
});
