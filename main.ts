/** The command line of protoflow. */

import { commandLine } from "./lib/flow/commands/cli.ts";
import { DEVICES } from "./lib/runtime/device.ts";
import { PROJECT_VERBS } from "./lib/verbs/project_verbs.ts";

const project = {
  folder: import.meta.dirname!,
  devices: DEVICES,
  registry: async () => (await import("./tasks/kinds.ts")).registry,
  catalogue: async () => (await import("./tasks/catalogue.ts")).catalogue,
  livePage: () => import("./lib/report/live/live_page.ts"),
  runningPage: () => import("./lib/report/live/running_page.ts"),
  newModel: async () => (await import("./lib/models/new_model.ts")).newModelText,
};
Deno.exit(await commandLine(Deno.args, project, PROJECT_VERBS));
