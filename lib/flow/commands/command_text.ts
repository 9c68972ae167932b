/** Command lines that are shown to be used: quoted for a shell, with the options that choose the same tasks. */

import { DEFAULT_RUNTIME } from "../resources/device_choice.ts";
import type { CommonOptions } from "./open_workflow.ts";

/** An argument as a shell reads it; brackets, as in `joint[seed=1]`, would be taken for a pattern. */
export function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}

/** `deno task VERB ARGS`, so that it is about the workflow and store that `options` have chosen. */
export function commandText(verb: string, args: readonly string[], options: CommonOptions): string {
  const { store, profile, set = [], device, runtime = DEFAULT_RUNTIME, cache = [] } = options;
  const flags: (readonly [string, string | undefined])[] = [
    ["--profile", profile],
    ...set.map((setting) => ["--set", setting] as const),
    ["--device", device],
    ["--runtime", runtime === DEFAULT_RUNTIME ? undefined : runtime],
    ["--store", store],
    ...cache.map((url) => ["--cache", url] as const),
  ];
  const given = flags.flatMap(([flag, value]) => (value === undefined ? [] : [flag, value]));
  return ["deno task", verb, ...[...args, ...given].map(quoted)].join(" ");
}
