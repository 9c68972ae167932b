/** The command line of protoflow. */

import { commandLine } from "./lib/flow/commands/cli.ts";

const project = {
  folder: import.meta.dirname!,
  registry: async () => (await import("./tasks/kinds.ts")).registry,
};
Deno.exit(await commandLine(Deno.args, project));
