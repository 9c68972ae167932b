/** The command line of protoflow. */

import { commandLine } from "./lib/flow/commands/cli.ts";
import { DEVICES } from "./lib/runtime/device.ts";

// `deno task` works in the project's folder, but the paths of the command line are relative to the user's.
const folder = Deno.env.get("PROTOFLOW_CWD");
if (folder) Deno.chdir(folder);

const project = {
  folder: import.meta.dirname!,
  devices: DEVICES,
  registry: async () => (await import("./tasks/kinds.ts")).registry,
};
Deno.exit(await commandLine(Deno.args, project));
