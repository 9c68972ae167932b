/** The command line with the kinds of the tests. */

import { commandLine } from "../../lib/flow/commands/cli.ts";
import { registry } from "./kinds/registry.ts";

const folder = new URL("../../", import.meta.url).pathname;
const project = {
  folder,
  devices: ["cpu", "cuda"],
  registry: () => Promise.resolve(registry),
  catalogue: () => Promise.resolve({ models: [{ name: "plain", about: "a model" }] }),
  livePage: () => import("../../lib/report/live/live_page.ts"),
  runningPage: () => import("../../lib/report/live/running_page.ts"),
  newModel: async () => (await import("../../lib/models/new_model.ts")).newModelText,
};
Deno.exit(await commandLine(Deno.args, project));
