/** The verbs of the project beside the engine's: about trained models, and about searches. */

import { Option } from "commander";
import { json } from "../flow/commands/options.ts";
import type { Verb } from "../flow/commands/verbs.ts";
import { MODEL_VERBS } from "./model_verbs.ts";

/** In the order of README. */
export const PROJECT_VERBS: readonly Verb[] = [
  ...MODEL_VERBS,
  {
    usage: "best <workflow> [task]",
    about: "print the best values of a search, or write them to a file that other workflows import",
    isAboutWorkflow: true,
    options: [new Option("--write <file>", "write a module that exports the values, such as best.ts"), json],
    examples: ["best search-example", "best search-example --write best.ts"],
    load: async () => (await import("./best.ts")).bestCommand,
  },
];
